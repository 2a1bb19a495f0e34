"""Reading data: IDX files such as MNIST's, datasets, and batches of them."""

from .dataset import Dataset, TensorDataset
from .idx import MNIST, IDXError, load_mnist, read_idx, write_idx
from .loader import DataLoader, default_collate

__all__ = [
    "MNIST",
    "DataLoader",
    "Dataset",
    "IDXError",
    "TensorDataset",
    "default_collate",
    "load_mnist",
    "read_idx",
    "write_idx",
]
