"""Asks PyTorch for an operation that the software device does not compute; prints what is raised, then goes on."""

import torch
import torch_npu  # noqa: F401

torch.npu.set_device("npu:0")
matrix = torch.eye(8, device="npu")
try:
    torch.linalg.cholesky(matrix)
    torch.npu.synchronize()
    torch.erfinv(matrix)
    torch.npu.synchronize()
    torch.histc(matrix, 4)
    torch.npu.synchronize()
    print("nothing was wrong")
except (RuntimeError, NotImplementedError) as error:
    text = str(error)
    named = any(name in text.lower() for name in ("cholesky", "erfinv", "histc"))
    print("raised" if named else "unnamed:", text.splitlines()[0])
total = (matrix + matrix).sum().item()
print("still works" if total == 16 else f"wrong: {total}")
