import Foundation
import Foundations
import TestSupport
import Testing

@Suite struct FixedArrayTests {
  @Test func holdsWhatItWasGiven() {
    let values: [Float] = (0..<1000).map { Float($0) / 3 }
    let array = FixedArray(values)
    #expect(array.count == 1000 && array[7] == values[7] && array.array == values)
    #expect(array == FixedArray(values) && array != FixedArray(Array(values.dropLast())))
    #expect(FixedArray<UInt16>([]).array.isEmpty)
  }

  /// A mapped array outlives the value that made it and the file's name.
  @Test func mappedArraysLiveOn() throws {
    let folder = try TemporaryFolder()
    let values: [UInt16] = (0..<5000).map { UInt16($0) }
    let path = try folder.write(Data(repeating: 9, count: 64) + values.withUnsafeBytes { Data($0) }, "values")
    var file: MappedFile? = try MappedFile(path)
    let array = FixedArray<UInt16>(try #require(file), offset: 64, count: 5000)
    file = nil
    try FileManager.default.removeItem(atPath: path)
    #expect(array.array == values)
  }

  @Test func filesThatAreNotThereAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.notFound(path: folder.file("none"))) { try MappedFile(folder.file("none")) }
    #expect(try MappedFile(folder.write(Data(), "empty")).count == 0)
  }
}
