"""One file a service: which version, how it is installed, how it is started, which variables lead to it."""

from __future__ import annotations

from service_recipes.anvil import Anvil
from service_recipes.chromium import Chromium
from service_recipes.kubo import Kubo
from service_recipes.model import Model
from service_recipes.neo4j import Neo4j
from service_recipes.recipe import Recipe
from service_recipes.transformers import Transformers

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Neo4j(),
        Kubo(),
        Anvil(),
        Chromium(),
        Model("model", "qwen2.5-coder-0.5b", "TRIPLOCK_MODEL_PATH"),
        Model("model-1.5b", "qwen2.5-coder-1.5b", "TRIPLOCK_MODEL_1_5B_PATH"),
        Transformers(),
    )
}
STARTED_BY_DEFAULT = ("neo4j", "kubo", "anvil", "chromium", "model")
