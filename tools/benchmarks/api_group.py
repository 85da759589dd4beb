"""The API table: how much of AscendCL has a class, and how much is carried."""

from workplace import FLEXNPU


def measure(place, figures):
    functions = place.json(FLEXNPU, "api")
    classed = [one for one in functions if one.get("class")]
    carried = [one for one in classed if one["class"] != "refuse"]
    figures.report("api.classified", [len(classed) / len(functions)], "", 1, False)
    figures.report("api.carried", [len(carried) / len(functions)], "", 0.95, False)
    figures.leave_out("api.torch_npu_ops", "no driver lists the operations that the scenarios call yet")
