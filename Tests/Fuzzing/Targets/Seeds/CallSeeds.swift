/// Games with each shipped policy, and one with a hostile script.
enum CallSeeds {
    static let all: [String: [UInt8]] = {
        var seeds: [String: [UInt8]] = [:]
        for policy in UInt8(0)..<4 {
            seeds["work-of-two-clients-\(policy)"] = [policy] + work + drain
            seeds["handed-over-under-work-\(policy)"] = [policy] + work + [10] + drain + [10]
            seeds["clients-go-under-work-\(policy)"] =
                [policy] + work + [8, 24] + work + [8, 3, 24] + drain
            seeds["options-under-work-\(policy)"] =
                [policy] + work + [9, 0] + Array("0\n".utf8) + drain + [9, 1]
                + Array("100000000\n".utf8) + [9, 2] + Array("1e308\n".utf8) + drain
        }
        seeds["full-device-and-time"] = [1] + work + [5, 64, 11, 255, 5, 200, 11, 255] + drain
        seeds["hostile"] = [140] + work + drain + [10, 9, 0] + Array("7\n".utf8)
        return seeds
    }()

    /// Both clients get work; some of it is dropped or forgotten.
    private static let work: [UInt8] = [0, 18, 1, 17, 0, 18, 7, 1, 0, 18, 139, 2, 1, 16]
    private static let drain: [UInt8] = [3, 4, 6, 0, 3, 3, 11, 100, 6, 1, 6, 0, 4, 4, 4, 6, 0]
}
