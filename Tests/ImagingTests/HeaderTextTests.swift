import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

/// Text in headers: found, measured, and gone from copies.
@Suite struct HeaderTextTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ path: String) throws -> [HeaderText] {
    path.hasSuffix(".png") ? try PNG.text(path) : try NIfTI.text(path)
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func textIsFoundAndCopiesHaveNone() throws {
    let originals = try folder.folder("originals")
    let copies = try folder.folder("copies")
    let output = try PythonReference.run(script: "header_reference.py", arguments: ["text", originals])
    var expected: [String: [HeaderText]] = [:]
    for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: "\t").map(String.init)
      expected[fields[0], default: []].append(HeaderText(field: fields[1], bytes: Int(fields[2]) ?? -1))
    }
    #expect(expected.count == 14)
    for name in expected.keys.sorted() {
      let path = originals + "/" + name
      // A compressed text's length is libpng's matter.
      let found = try text(path).map {
        HeaderText(field: $0.field, bytes: $0.field == "zTXt" ? -1 : $0.bytes)
      }
      let wanted = expected[name] ?? []
      #expect(found.count == wanted.count && wanted.allSatisfy(found.contains), "\(name): \(found)")
      if name.hasSuffix(".png") {
        try PNG.copyWithoutText(path, into: copies)
        #expect(try PNG.readLabels(copies + "/" + name) == PNG.readLabels(path))
      } else {
        try NIfTI.copyWithoutText(path, into: copies)
        #expect(try NIfTI.readVolume(copies + "/" + name) == NIfTI.readVolume(path))
      }
      #expect(try text(copies + "/" + name).isEmpty, "\(name)")
    }
    let check = try PythonReference.run(
      script: "header_reference.py", arguments: ["check", originals, copies])
    #expect(String(decoding: check, as: UTF8.self) == "14\n")
  }

  /// A copy of a copy is the same file: nothing in it hangs on the time or the name.
  @Test func copiesAreRepeatable() throws {
    let scan = SampleVolumes.ramp(SIMD3(7, 6, 5), affine: SampleVolumes.obliqueAffine(leftHanded: true))
    let path = folder.file("scan.nii.gz")
    try NIfTI.write(scan, to: path, options: NIfTIWriteOptions(dataType: .int16, compressionLevel: 1))
    #expect(try NIfTI.text(path).isEmpty)
    let (first, second) = (try folder.folder("first"), try folder.folder("second"))
    try NIfTI.copyWithoutText(path, into: first)
    try NIfTI.copyWithoutText(first + "/scan.nii.gz", into: second)
    #expect(
      FileManager.default.contentsEqual(atPath: first + "/scan.nii.gz", andPath: second + "/scan.nii.gz"))
    #expect(try NIfTI.header(path) == NIfTI.header(first + "/scan.nii.gz"))
  }

  /// No part of a damaged file is copied.
  @Test func damagedFilesAreNotCopied() throws {
    let scan = SampleVolumes.ramp(SIMD3(7, 6, 5), affine: SampleVolumes.obliqueAffine())
    let copies = try folder.folder("copies")
    let path = folder.file("scan.nii.gz")
    try NIfTI.write(scan, to: path, options: NIfTIWriteOptions())
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in 1..<bytes.count {
      let cut = try folder.write(bytes.prefix(length), "cut.nii.gz")
      #expect(throws: ImagingError.self) { try NIfTI.copyWithoutText(cut, into: copies) }
      do { _ = try NIfTI.text(cut) } catch { #expect(error is any DescribedError) }
    }
    for offset in bytes.indices {
      var damaged = bytes
      damaged[offset] ^= 0x55
      let path = try folder.write(damaged, "damaged.nii.gz")
      do { _ = try NIfTI.text(path) } catch { #expect(error is any DescribedError) }
    }
    let picture = folder.file("picture.png")
    var slice = scan
    slice.geometry.size.z = 1
    slice = Volume(geometry: slice.geometry, voxels: Array(slice.voxels.prefix(42)))
    try PNG.write(slice, to: picture, depth: .eight)
    let whole = try Data(contentsOf: URL(fileURLWithPath: picture))
    for length in 1..<whole.count {
      let cut = try folder.write(whole.prefix(length), "cut.png")
      #expect(throws: ImagingError.self) { try PNG.copyWithoutText(cut, into: copies) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: copies).isEmpty)
  }
}
