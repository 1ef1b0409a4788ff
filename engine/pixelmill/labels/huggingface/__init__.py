"""huggingface: Parquet of Hugging Face datasets; its features say what its columns are."""

from pixelmill.labels.huggingface.form import HuggingFace

__all__ = ["HuggingFace"]
