/// Compares how long functions took.
enum TimingComparison {
    static func compare(
        _ a: FunctionTimes, _ b: FunctionTimes, _ symbols: SymbolTable
    ) -> [TraceDiff.Timing] {
        var found: [TraceDiff.Timing] = []
        for index in symbols.functions.indices {
            for isOperation in [true, false] {
                let before = isOperation ? a.operations(index) : a.calls(index)
                let after = isOperation ? b.operations(index) : b.calls(index)
                guard before.count + after.count > 0 else { continue }
                found.append(
                    TraceDiff.Timing(
                        function: symbols.functions[index].name, isOperation: isOperation,
                        countBefore: before.count, countAfter: after.count,
                        p50BeforeNanoseconds: before.quantile(0.5),
                        p50AfterNanoseconds: after.quantile(0.5),
                        p99BeforeNanoseconds: before.quantile(0.99),
                        p99AfterNanoseconds: after.quantile(0.99),
                        totalBeforeNanoseconds: before.totalNanoseconds,
                        totalAfterNanoseconds: after.totalNanoseconds, note: note(before, after)))
            }
        }
        return found.sorted { x, y in
            let a = max(x.totalBeforeNanoseconds, x.totalAfterNanoseconds)
            let b = max(y.totalBeforeNanoseconds, y.totalAfterNanoseconds)
            return (b, x.function) < (a, y.function)
        }
    }

    /// Medians are clearly apart when each lies outside the middle half of the other, by a tenth
    /// at least, with enough of both.
    private static func note(_ a: DurationHistogram, _ b: DurationHistogram) -> String? {
        guard a.count >= 20, b.count >= 20 else { return nil }
        let before = a.quantile(0.5)
        let after = b.quantile(0.5)
        guard (Double(after) - Double(before)).magnitude * 10 > Double(max(before, 1)) else {
            return nil
        }
        if after > a.quantile(0.75), before < b.quantile(0.25) { return "slower" }
        if after < a.quantile(0.25), before > b.quantile(0.75) { return "faster" }
        return nil
    }
}
