import AscendCL
import Testing

@Suite struct QueryFormTests {
    let table = APITable.standard

    @Test(arguments: [
        ("aclrtGetVersion", "444"), ("aclsysGetVersionNum", "s4"), ("aclrtGetMemInfo", "i88"),
        ("aclrtDeviceCanAccessPeer", "4ii"), ("aclrtSetStreamFailureMode", "hi"),
        ("aclrtSetOpExecuteTimeOutV2", "i8"), ("HcclSetConfig", "ii"), ("aclSetCompileopt", "is"),
    ])
    func `a form is read off the parameters`(name: String, letters: String) throws {
        let form = try #require(table.function(named: name)?.queryForm)
        #expect(form.letters == letters)
        #expect(!form.returnsValue && form.bufferBytes == 0 && form.bufferCounter == nil)
    }

    @Test func `memory that is filled says how much`() throws {
        let structure = try #require(table.function(named: "aclsysGetCANNVersion")?.queryForm)
        #expect(structure.letters == "ib" && structure.bufferBytes == 512 && !structure.isText)
        let text = try #require(table.function(named: "aclsysGetVersionStr")?.queryForm)
        #expect(text.letters == "sb" && text.bufferBytes == 128 && text.isText)
        let counted = try #require(table.function(named: "aclGetCompileopt")?.queryForm)
        #expect(counted.letters == "ibi" && counted.bufferCounter == 1 && counted.isText)
        #expect(table.function(named: "aclGetCompileoptSize")?.queryForm?.returnsValue == true)
    }

    @Test func `every query is asked as it stands or answered by hand`() {
        for function in table.functions where function.functionClass == .query {
            let isPlain = function.queryForm != nil
            #expect(isPlain != function.isAnsweredByHand, "\(function.name)")
        }
        #expect(table.function(named: "aclrtMalloc")?.queryForm == nil)
    }
}
