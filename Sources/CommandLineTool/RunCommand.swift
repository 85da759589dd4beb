import ArgumentParser
import Foundation
import LinuxIO
import ObjectFile
import Scheduling
import Wire

/// `flexnpu run`: starts a program so that its calls go where they should.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a program on the device library, under the daemon or observed by it.",
        usage: "flexnpu run [--route | --observe | --direct] [options] -- PROGRAM [arguments …]",
        discussion: """
            The program is not changed. Where no daemon listens, one is started for
            this run and ends with it.

            Examples:
              flexnpu run -- python train.py
              flexnpu run --label phase=decode --label tenant=a -- python generate.py
              flexnpu run --observe --trace before -- ./inference
              flexnpu run --direct -- python train.py      no daemon, for comparison

            Exit code: the program's; 128 and the signal's number where one ended
            it; 125 where FlexNPU could not do its part, 126 where the program could
            not be started, 127 where there is none of that name.
            """)

    @Flag(exclusivity: .exclusive) var mode: LaunchMode = .route
    @Option(
        name: .customLong("label"),
        help: ArgumentHelp(
            "A label for policies and listings; give it again for more. phase=prefill or "
                + "phase=decode names the phase of its work.",
            valueName: "key=value"))
    var labels: [String] = []
    @Option(help: ArgumentHelp("Record the run into this folder.", valueName: "folder"))
    var trace: String?
    @Option(
        help: ArgumentHelp(
            "The policy of the daemon that is started for this run: a Lua file, or a built-in one "
                + "(\(BuiltInPolicy.listed)).",
            valueName: "policy"),
        completion: .file(extensions: ["lua"]))
    var policy: String?
    @Flag(
        help: ArgumentHelp(
            "Close with the list of what was refused or not found, also where a daemon runs "
                + "already: flexnpu then stays beside the program."))
    var report = false
    @OptionGroup var library: DeviceLibraryOption
    @OptionGroup var socket: SocketOption
    @Argument(parsing: .postTerminator, help: "After --: the program and its arguments.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty {
            throw ValidationError("which program? Write it after --, as flexnpu run -- PROGRAM")
        }
        for label in labels {
            guard let (key, value) = keyAndValue(label) else {
                throw ValidationError("--label \(label) is not of the form key=value")
            }
            if (key + value).contains(where: { $0 == "," || $0.isNewline }) {
                throw ValidationError("--label \(label): a label has no comma and no line end")
            }
        }
        if mode == .direct, trace != nil || policy != nil || report || !labels.isEmpty {
            throw ValidationError(
                "--direct goes without a daemon: no --trace, --policy, --report or --label")
        }
    }

    func run() throws {
        let code: Int32
        do {
            code = try runProgram()
        } catch let error as ProgramNotStarted {
            Terminal.note("flexnpu run: \(error)")
            code = error.exitCode
        } catch {
            Terminal.note("flexnpu run: \(error)")
            code = 125
        }
        throw ExitCode(code)
    }

    private func runProgram() throws -> Int32 {
        let outer = ProcessInfo.processInfo.environment
        let cache = CacheFolder(environment: outer)
        let launch = try ProgramRun()
        guard mode != .direct else {
            let environment = ProgramEnvironment(
                mode: mode, libraryFolder: try deviceFolder(library.path(), cache),
                cacheFolder: cache.path)
            return try start(launch, environment, outer, hasMoreToDo: false)
        }
        let service = try DaemonService(
            socket: socket, library: library, trace: trace.map(absolutePath), policy: policy,
            environment: outer)
        defer { service.end() }
        let interposer = try BundledLibraries.current.interposer()
        let device = service.deviceLibrary
        // Fitted when observing too: programs choose their path by the names they find.
        let fitted = try cache.fitted(interposer: interposer, deviceLibrary: device)
        let folder = mode == .route ? fitted.folder : try deviceFolder(device, cache)
        let notice = EscapeNotice(program: command[0], environment: outer, deviceLibrary: device)
        for line in notice.lines(mode: mode) { Terminal.note(line) }
        // Who becomes the program cannot report after it.
        let tally = service.endsWithRun || report ? try RefusalTally() : nil
        let environment = ProgramEnvironment(
            mode: mode, libraryFolder: folder, interposer: fitted.path, socket: service.socket,
            tally: tally?.path, labels: labels.compactMap(keyAndValue), cacheFolder: cache.path)
        let code = try start(launch, environment, outer, hasMoreToDo: tally != nil)
        let offered = (try? ObjectFile(path: fitted.path).defined) ?? []
        for line in tally?.lines(offered: offered) ?? [] { Terminal.note(line) }
        return code
    }

    private func start(
        _ launch: ProgramRun, _ environment: ProgramEnvironment, _ outer: [String: String],
        hasMoreToDo: Bool
    ) throws -> Int32 {
        let arguments = Array(command.dropFirst())
        let variables = environment.applied(to: outer)
        guard hasMoreToDo else {
            throw launch.become(command[0], arguments: arguments, environment: variables)
        }
        return try launch(command[0], arguments: arguments, environment: variables).code
    }

    /// The folder itself, or one of links to the file.
    private func deviceFolder(_ library: String, _ cache: CacheFolder) throws -> String {
        isFolder(library) ? library : try cache.linkFolder(to: library)
    }
}
