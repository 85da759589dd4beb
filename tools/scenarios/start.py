"""How every program here begins: the device is registered and chosen, and randomness is repeatable."""

import torch


def start(device, seed):
    """`device` is `npu`, `npu:N`, or another of PyTorch's, which needs no registration."""
    if device.startswith("npu"):
        import torch_npu  # noqa: F401  (registers the device)

        torch.npu.set_device(device if ":" in device else "npu:0")
    torch.manual_seed(seed)
    torch.set_num_threads(1)
