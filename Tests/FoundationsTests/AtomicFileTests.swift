import Foundation
import Foundations
import TestSupport
import Testing

struct AtomicFileTests {
  @Test func writesAndReplaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("file")
    try AtomicFile.write("one", to: path)
    try AtomicFile.write("two", to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
  }

  @Test func leavesNothingWhereItCannotWrite() throws {
    let folder = try TemporaryFolder()
    // A folder in the file's place: the rename fails, whoever runs the test.
    let path = folder.file("taken")
    try FileManager.default.createDirectory(atPath: path + "/inner", withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try AtomicFile.write("one", to: path) }
    #expect(throws: FileError.self) { try AtomicFile.write("one", to: folder.file("none/file")) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
  }

  @Test func aFullDiskIsSaid() {
    #expect(throws: FileError.self) { try AtomicFile.write("one", to: "/dev/full/file") }
  }
}
