"""Figures beside their targets."""

import json
import os
import statistics


class Figures:
    def __init__(self):
        self.found = {}
        self.unmeasured = []
        self.load = 0.0

    def report(self, key, values, unit, target, at_most=True, exactly=False, first=None,
               beside=""):
        """One figure: the median of `values`, judged against its target. `first` is what a first version has to
        reach on the way there, `beside` what is printed with it as information."""
        value = statistics.median(values)
        if unit:  # counts do not depend on who else uses the machine
            self.load = max(self.load, os.getloadavg()[0])
        held = value == target if exactly else value <= target if at_most else value >= target
        self.found[key] = {"value": round(value, 4), "unit": unit, "target": target, "ok": held,
                           "spread": [round(min(values), 4), round(max(values), 4)],
                           "load": round(os.getloadavg()[0], 1)}
        stage = ""
        if first is not None:
            self.found[key]["first"] = {"target": first, "ok": value <= first if at_most else value >= first}
            stage = f"  first: {first:g} {'ok' if self.found[key]['first']['ok'] else 'MISSED'}"
        sign = "=" if exactly else "≤" if at_most else "≥"
        print(f"  {key:28} {value:12.3f} {unit:6} {sign} {target:<8g} {'ok' if held else 'MISSED':6} "
              f"[{min(values):.3f} – {max(values):.3f}]{stage}"
              + (f"  {beside}" if beside else ""), flush=True)

    def inform(self, key, values, unit):
        """A figure without a target."""
        value = statistics.median(values)
        self.found[key] = {"value": round(value, 4), "unit": unit, "target": None, "ok": True,
                           "spread": [round(min(values), 4), round(max(values), 4)]}
        print(f"  {key:28} {value:12.3f} {unit:6} {'':17} [{min(values):.3f} – {max(values):.3f}]", flush=True)


    def leave_out(self, key, why):
        """A key that does not apply here or yet; it is said, not hidden."""
        self.unmeasured.append(key)
        print(f"  {key:28} not measured: {why}", flush=True)

    def write(self, path):
        path.write_text(json.dumps(self.found, indent=2, sort_keys=True) + "\n")

    def close(self):
        missed = [key for key, figure in self.found.items() if not figure["ok"]]
        print(f"{len(self.found) - len(missed)} of {len(self.found)} within their targets"
              + (f"; missed: {', '.join(missed)}" if missed else "")
              + (f"; not measured: {', '.join(self.unmeasured)}" if self.unmeasured else ""))
        if self.load > 2 * (os.cpu_count() or 1):
            print(f"the machine was busy (load {self.load:.1f}): times and ratios of times are not those of FlexNPU alone")
        return missed
