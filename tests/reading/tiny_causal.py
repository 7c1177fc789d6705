"""Writes a causal model of random weights into a folder: `tiny_causal.py FOLDER`, by the Python that has transformers.

Its answers mean nothing, so whatever is on a grammar is there because of the grammar.
"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

TEXT = Path(__file__).read_text(), "This standard requires ERC-20 and ERC-721.", "The ship sails to the port of Kiel."
TEMPLATE = (
    "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


def main(folder: str) -> None:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    special = ["<|start|>", "<|end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(TEXT, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<|end|>", pad_token="<|end|>")
    tokenizer.chat_template = TEMPLATE
    known = len(tokenizer)
    tokenizer.add_tokens([f"<|far{n}|>" for n in range(5)])  # the last of them have no weights
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = AutoConfig.for_model(
        "llama",
        vocab_size=known + 3,  # padded, as that of many models is
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=700,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.5,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)


main(sys.argv[1])
