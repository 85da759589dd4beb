import AscendCL
import ObjectFile
import SharedRing

extension CacheFolder {
    /// A folder with the interposer under CANN's names, fitted to what the device library offers.
    func fitted(interposer: String, deviceLibrary: String) throws(CommandFailure) -> FittedLibrary {
        do throws(ObjectFileError) {
            let table = APITable.standard
            return try FittedLibrary(
                library: interposer, device: DeviceLibrary(path: deviceLibrary),
                names: Set(table.functions.map(\.name)), links: APITable.linkNames,
                wireVersion: CommandHandshake.wireVersion, cache: path
            )
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}
