import AscendCL
import ObjectFile
import SharedRing

extension CacheFolder {
    /// A folder with the interposer under CANN's names, fitted to what the device library offers.
    func fittedFolder(interposer: String, deviceLibrary: String) throws(CommandFailure) -> String {
        do throws(ObjectFileError) {
            let table = APITable.standard
            return try FittedLibrary(
                library: interposer, device: DeviceLibrary(path: deviceLibrary),
                names: Set(table.functions.map(\.name)), links: table.linkNames,
                wireVersion: CommandHandshake.wireVersion, cache: path
            ).folder
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}
