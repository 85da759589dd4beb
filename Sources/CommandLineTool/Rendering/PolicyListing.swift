package import Wire

/// Policies as the `policy` commands print them.
package enum PolicyListing {
    /// `fair version 2 (load 3, live), policies/fair.lua`.
    package static func headline(_ policy: PolicyStatus) -> String {
        "\(policy.name.printable) version \(policy.version) (load \(policy.load), "
            + "\(policy.state.rawValue)), \(policy.origin.printable)"
    }

    package static func table(_ policies: [PolicyStatus], style: Style = .plain) -> [String] {
        var table = TextTable([
            .init("LOAD", .right), .init("POLICY"), .init("VERSION", .right), .init("STATE"),
            .init("DECISIONS", .right), .init("BREACHES", .right), .init("WATCHED"), .init("FROM"),
        ])
        for policy in policies.sorted(by: { $0.load < $1.load }) {
            table.append([
                "\(policy.load)", policy.name, "\(policy.version)", policy.state.rawValue,
                Units.count(Double(policy.decisions)), Units.count(Double(policy.breaches)),
                policy.watched ? "yes" : "no", policy.origin,
            ])
        }
        return table.lines(style: style)
    }

    package static func details(_ policy: PolicyStatus, style: Style = .plain) -> [String] {
        let lines = [
            style.strong(headline(policy)),
            "decisions  \(policy.decisions)",
            "breaches   \(policy.breaches)"
                + (policy.lastBreach.map { ", last: \(style.bad($0.printable))" } ?? ""),
            "watched    \(policy.watched ? "yes: saving the file swaps it" : "no")",
        ]
        return lines + options(of: policy, style) + log(of: policy)
    }

    /// What the policy said, if it said anything.
    private static func log(of policy: PolicyStatus) -> [String] {
        policy.log.isEmpty ? [] : ["", "log"] + policy.log.map { "  \($0.printable)" }
    }

    private static func options(of policy: PolicyStatus, _ style: Style) -> [String] {
        guard !policy.options.isEmpty else { return ["options    none"] }
        var table = TextTable([
            .init("OPTION"), .init("VALUE", .right), .init("DEFAULT", .right), .init("RANGE"),
            .init("MEANING"),
        ])
        for option in policy.options {
            table.append([option.key, option.value, option.standard, range(option), option.doc])
        }
        return [""] + table.lines(style: style)
    }

    package static func range(_ option: PolicyOption) -> String {
        switch (option.minimum, option.maximum) {
        case (let low?, let high?): "\(number(low)) to \(number(high))"
        case (let low?, nil): "at least \(number(low))"
        case (nil, let high?): "at most \(number(high))"
        case (nil, nil): ""
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
