import Foundation
import Foundations
import TestSupport
import Testing

struct DurableFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func appendsAndTruncates() throws {
    let path = folder.file("file")
    try DurableFile.write(Data("one\n".utf8), to: path)
    try DurableFile.append(Data("two\n".utf8), to: path)
    #expect(try text(path) == "one\ntwo\n")
    try DurableFile.truncate(path, to: 4)
    #expect(try text(path) == "one\n")
    try DurableFile.remove(path)
    try DurableFile.remove(path)
    #expect(throws: FileError.self) { try DurableFile.append(Data("two\n".utf8), to: path) }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aProbeLeavesNothing() throws {
    try DurableFile.probe(folder.path, bytes: 100_000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    #expect(throws: FileError.self) { try DurableFile.probe(folder.file("none"), bytes: 1) }
  }

  @Test func removesWhatAKilledProcessLeft() throws {
    _ = try folder.folder("a/b")
    let left = ["a/b/model.safetensors.part-4711", "rounds.jsonl.part-1"]
    let others = ["a/b/model.safetensors", "notes.part-two", "x.part-"]
    for name in left + others { _ = try folder.write(Data("x".utf8), name) }
    try AtomicFile.removeTemporaries(below: folder.path)
    #expect(left.allSatisfy { !FileManager.default.fileExists(atPath: folder.file($0)) })
    #expect(others.allSatisfy { FileManager.default.fileExists(atPath: folder.file($0)) })
  }

  @Test func aFolderIsLockedOnce() throws {
    var first: FolderLock? = FolderLock.take(folder.path).lock
    #expect(first != nil)
    let second = FolderLock.take(folder.path)
    #expect(second.lock == nil && second.isTaken)
    first = nil
    #expect(FolderLock.take(folder.path).lock != nil)
    let none = FolderLock.take(folder.file("none"))
    #expect(none.lock == nil && !none.isTaken)
  }
}
