import AscendCL
import Foundation
import ObjectFile

/// What a program asks for that looks like AscendCL and that FlexNPU does not know, found before it
/// starts.
struct EscapeNotice {
    private var escapes: [(name: String, file: String)] = []

    /// Reads the program and the libraries that it loads at start. What cannot be read, as a script,
    /// has nothing to tell: its calls are in modules that it loads later (`flexnpu inspect`).
    init(program: String, environment: [String: String], deviceLibrary: String) {
        let path = environment["LD_LIBRARY_PATH"] ?? ""
        let search = LibrarySearch(libraryPath: path.split(separator: ":").map(String.init))
        guard let file = Self.file(of: program, environment),
            let device = try? DeviceLibrary(path: deviceLibrary),
            let inspection = try? Inspection(
                roots: [file], search: search, table: .standard, device: device,
                readsConstants: Self.namesAscendCL)
        else { return }
        for object in inspection.objects {
            // What no library has and the program can do without is nobody's way around.
            let serious = object.escapes.filter { $0.isNeeded || $0.offered == true }
            escapes += serious.map { ($0.name, object.path) }
        }
    }

    /// A file that looks functions up itself needs one of CANN's libraries, as a rule; reading the
    /// constants of all others would hold the program up.
    private static func namesAscendCL(_ object: ObjectFile) -> Bool {
        object.undefined.contains("dlsym")
            && object.needed.contains(where: APITable.linkNames.contains)
    }

    /// The file that the program's name leads to.
    private static func file(of program: String, _ environment: [String: String]) -> String? {
        if program.contains("/") { return program }
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return folders.map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What is printed before the program starts; nothing where nothing escapes.
    func lines(mode: LaunchMode) -> [String] {
        guard !escapes.isEmpty else { return [] }
        let what =
            mode == .route
            ? "cannot be carried, and are not there for it"
            : "go past FlexNPU, unseen"
        let count = escapes.count == 1 ? "1 function" : "\(escapes.count) functions"
        let head =
            "flexnpu run: the program asks for \(count) that FlexNPU does not know; they \(what):"
        return [head] + escapes.map { "  \($0.name)  (\($0.file))" }
    }
}
