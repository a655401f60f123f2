import Foundation
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIWritingTests {
  private struct Kind {
    let name: String
    let options: NIfTIWriteOptions
    let leftHanded: Bool
  }

  private static var kinds: [Kind] {
    var kinds: [Kind] = []
    for type in NIfTIDataType.allCases {
      for order in [NIfTIWriteOptions.ByteOrder.little, .big] {
        for version in [1, 2] {
          kinds.append(
            Kind(
              name: "\(type)-\(order)-\(version).nii.gz",
              options: NIfTIWriteOptions(dataType: type, byteOrder: order, version: version),
              leftHanded: order == .big))
        }
      }
    }
    for (qform, sform) in [(0, 0), (1, 0), (0, 2), (3, 4)] {
      for leftHanded in [false, true] {
        kinds.append(
          Kind(
            name: "form-\(qform)-\(sform)-\(leftHanded).nii",
            options: NIfTIWriteOptions(dataType: .int16, qformCode: qform, sformCode: sform),
            leftHanded: leftHanded))
      }
    }
    kinds.append(
      Kind(
        name: "slope.nii.gz",
        options: NIfTIWriteOptions(dataType: .int16, slope: 0.0754, intercept: -20.5, compressionLevel: 1),
        leftHanded: false))
    return kinds
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func nibabelReadsWhatIsWritten() throws {
    let folder = try TemporaryFolder()
    var expected = ""
    for kind in Self.kinds {
      let affine = SampleVolumes.obliqueAffine(leftHanded: kind.leftHanded)
      var volume = SampleVolumes.ramp(SIMD3(7, 5, 4), affine: affine)
      if kind.options.dataType == .int8 { volume.voxels = volume.voxels.map { $0 - 125 } }
      try NIfTI.write(volume, to: folder.file(kind.name), options: kind.options)
      _ = try folder.write(RawArray.bytes(volume.voxels.map(Double.init)), kind.name + ".voxels")
      let rows = affine.rows.flatMap { row in (0..<4).map { row[$0] } }
      _ = try folder.write(RawArray.bytes(rows), kind.name + ".affine")
      let options = kind.options
      let fields: [String] = [
        kind.name, "\(options.version)", "\(options.dataType)", options.byteOrder == .big ? ">" : "<",
        "\(options.qformCode)", "\(options.sformCode)",
        options.slope == 1 ? "0" : "\(options.slope / 2 + 1e-6)",
      ]
      expected += fields.joined(separator: "\t") + "\n"
      if options.slope == 1 {
        let back = try NIfTI.readVolume(folder.file(kind.name))
        #expect(back.voxels == volume.voxels, "\(kind.name)")
      }
    }
    _ = try folder.write(Data(expected.utf8), "expected.tsv")
    let output = try PythonReference.run(script: "nifti_check.py", arguments: [folder.path])
    #expect(String(decoding: output, as: UTF8.self) == "\(Self.kinds.count)\n")
  }

  @Test func equalInputGivesEqualBytes() throws {
    let folder = try TemporaryFolder()
    let volume = SampleVolumes.ramp(SIMD3(30, 20, 10), affine: SampleVolumes.obliqueAffine())
    for name in ["a.nii.gz", "b.nii.gz"] {
      try NIfTI.write(volume, to: folder.file(name), options: NIfTIWriteOptions())
    }
    let first = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.nii.gz")))
    #expect(try first == Data(contentsOf: URL(fileURLWithPath: folder.file("b.nii.gz"))))
    // gzip's flags (name, comment) and time are 0.
    #expect(first[3..<8] == Data([0, 0, 0, 0, 0]))
  }

  @Test func roundsToEvenAndHoldsTheRange() throws {
    let folder = try TemporaryFolder()
    let geometry = Geometry(size: SIMD3(6, 1, 1), affine: Imaging.AffineTransform(spacing: .one))
    let volume = Volume(geometry: geometry, voxels: [0.5, 1.5, 2.5, -7, 255.4, 1e9])
    for type in [NIfTIDataType.uint8, .uint64] {
      try NIfTI.write(volume, to: folder.file("r.nii"), options: NIfTIWriteOptions(dataType: type))
      let back = try NIfTI.readVolume(folder.file("r.nii"))
      #expect(back.voxels == [0, 2, 2, 0, 255, type == .uint8 ? 255 : 1e9])
    }
  }

  @Test func aPredictionKeepsItsScansHeaderGeometry() throws {
    let folder = try TemporaryFolder()
    let scan = SampleVolumes.ramp(SIMD3(5, 4, 3), affine: SampleVolumes.obliqueAffine(leftHanded: true))
    try NIfTI.write(
      scan, to: folder.file("scan.nii"),
      options: NIfTIWriteOptions(dataType: .int16, qformCode: 1, sformCode: 0, version: 2))
    let header = try NIfTI.header(folder.file("scan.nii"))
    let labels = LabelVolume(geometry: scan.geometry, labels: Array(repeating: 4, count: 60))
    try NIfTI.write(
      labels, to: folder.file("labels.nii.gz"), options: NIfTIWriteOptions(dataType: .uint8, geometry: header)
    )
    var written = try NIfTI.header(folder.file("labels.nii.gz"))
    #expect(written.dataType == .uint8)
    written.dataType = .int16
    #expect(written == header)
    #expect(try NIfTI.readLabels(folder.file("labels.nii.gz")).labels == labels.labels)
  }

  @Test func anUnwritableFolderIsDescribed() throws {
    let folder = try TemporaryFolder()
    let volume = SampleVolumes.ramp(SIMD3(2, 2, 2), affine: SampleVolumes.obliqueAffine())
    #expect(throws: (any Error).self) {
      try NIfTI.write(volume, to: folder.file("missing/scan.nii"), options: NIfTIWriteOptions())
    }
    let wrong = ImagingError.unsupportedExtension(
      path: folder.file("scan.mha"), expected: ".nii or .nii.gz to write")
    #expect(throws: wrong) {
      try NIfTI.write(volume, to: folder.file("scan.mha"), options: NIfTIWriteOptions())
    }
  }

  /// BraTS' size: writing and reading within a second each, on a machine that may be busy.
  @Test func aFullCaseIsFast() throws {
    let folder = try TemporaryFolder()
    let geometry = Geometry(size: SIMD3(240, 240, 155), affine: Imaging.AffineTransform(spacing: .one))
    var voxels = [Float](repeating: 0, count: geometry.count)
    for k in 20..<140 {
      for j in 50..<190 {
        for i in 60..<180 {
          voxels[geometry.offset(i, j, k)] = Float((i * 7919 + j * 104729 + k * 1_299_709) % 400)
        }
      }
    }
    let volume = Volume(geometry: geometry, voxels: voxels)
    let clock = ContinuousClock()
    let written = try clock.measure {
      try NIfTI.write(
        volume, to: folder.file("big.nii.gz"),
        options: NIfTIWriteOptions(dataType: .int16, compressionLevel: 1))
    }
    var back: Volume?
    let read = try clock.measure { back = try NIfTI.readVolume(folder.file("big.nii.gz")) }
    print("NIfTI 240×240×155 int16 gz: written in \(written), read in \(read)")
    #expect(back == volume)
    #expect(written < .seconds(10) && read < .seconds(10))
  }
}
