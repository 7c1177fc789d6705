"""Writes a BERT of random weights into a folder: `tiny_encoder.py FOLDER`, by the Python that has transformers."""

import sys
from pathlib import Path

import torch
from tokenizers import BertWordPieceTokenizer
from transformers import AutoConfig, AutoModel, BertTokenizerFast


def main(folder: Path) -> None:
    folder.mkdir(parents=True)
    pieces = BertWordPieceTokenizer(lowercase=False)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,"
    words = "owns was founded by is based in the company of port and ship"
    pieces.train_from_iterator([words] * 50 + list(letters) * 50, vocab_size=240, min_frequency=1, show_progress=False)
    pieces.save_model(str(folder))
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), do_lower_case=False)
    tokenizer.save_pretrained(str(folder))
    torch.manual_seed(3)
    config = AutoConfig.for_model(
        "bert",
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=128,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    AutoModel.from_config(config).save_pretrained(str(folder))


main(Path(sys.argv[1]))
