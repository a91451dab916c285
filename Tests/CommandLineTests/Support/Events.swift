import Foundation
import Testing

/// Lines of CloudEvents.
enum Events {
    /// One event; its id is made from `number`.
    static func line(_ number: Int, subject: String? = nil, data: String? = nil) -> String {
        let digits = String(number)
        let id = "0198c0de-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        let subject = subject.map { #","subject":"\#($0)""# } ?? ""
        let data = data.map { #","data":\#($0)"# } ?? ""
        return #"{"specversion":"1.0","id":"\#(id)","source":"s","type":"t"\#(subject)\#(data)}"# + "\n"
    }

    static func lines(_ numbers: Range<Int>) -> String {
        numbers.map { line($0) }.joined()
    }
}

extension Folder {
    /// A folder with a new ledger, `l`.
    static func withLedger() throws -> Folder {
        let folder = try Folder()
        let ending = try Mohur.run(["create", "l", "--origin", "records.example.gov/tests"], in: folder)
        try #require(ending.code == 0, "\(ending.error)")
        return folder
    }

    /// The same with `count` simulated events.
    static func withSimulation(_ count: Int) throws -> Folder {
        let folder = try withLedger()
        let ending = try Mohur.run(["simulate", "l", "--events", "\(count)", "--seed", "5"], in: folder)
        try #require(ending.code == 0, "\(ending.error)")
        return folder
    }

    /// What `info --json` says of a number.
    func entryCount(of ledger: String = "l") throws -> Int? {
        let output = try Mohur.run(["info", ledger, "--json"], in: self).output
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        return object?["entries"] as? Int
    }
}
