"""Asks PyTorch for an operation that the software device does not compute, and prints what is raised."""

import torch
import torch_npu  # noqa: F401

torch.npu.set_device("npu:0")
matrix = torch.eye(8, device="npu")
try:
    torch.erfinv(matrix)
    torch.npu.synchronize()
    print("nothing was wrong")
except RuntimeError as error:
    print("raised and named:" if "erfinv" in str(error).lower() else "raised, unnamed:", error)
