import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct NIfTIHeaderFormsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Orientation, shear and disagreement of 24 random headers as nibabel and SciPy see them.
  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage))
  func formsAreComparedAsNibabelReadsThem() throws {
    let output = try PythonReference.run(script: "header_reference.py", arguments: ["forms", folder.path])
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 24)
    var kinds: [String: Int] = [:]
    for line in lines {
      let fields = line.split(separator: "\t").map(String.init)
      let path = folder.file(fields[0])
      let header = try NIfTI.header(path)
      let affine = try header.affine(path: path)
      #expect(affine.orientation == fields[1], "\(line)")
      #expect(abs(affine.shear - Double(fields[2])!) < 1e-6, "\(line)")
      let found = try header.formDisagreement(path: path)
      let shift = Double(fields[4])!
      guard shift > 0.25 * affine.spacing.min() else {
        kinds["agree", default: 0] += 1
        #expect(found == nil, "\(line)")
        continue
      }
      #expect(abs(try #require(found).millimetres - shift) < 1e-6, "\(line)")
      kinds[fields[3] == "mirrored" ? "mirrored" : "turned", default: 0] += 1
      #expect(found?.isMirrored == (fields[3] == "mirrored"), "\(line)")
      if let degrees = found?.degrees { #expect(abs(degrees - Double(fields[3])!) < 1e-6, "\(line)") }
    }
    #expect(kinds.keys.sorted() == ["agree", "mirrored", "turned"], "\(kinds)")
  }

  @Test func unitsAndVoxelSizesAreRead() throws {
    let scan = SampleVolumes.ramp(SIMD3(4, 5, 6), affine: SampleVolumes.obliqueAffine())
    let path = folder.file("scan.nii")
    try NIfTI.write(scan, to: path, options: NIfTIWriteOptions(qformCode: 0))
    var header = try NIfTI.header(path)
    #expect(header.lengthUnit == "mm")
    #expect(try header.strangeVoxelSizes(path: path) == nil)
    for (units, name) in [(0, nil), (1, "m"), (3, "µm"), (2 | 8, "mm")] as [(Int, String?)] {
      header.units = units
      #expect(header.lengthUnit == name)
    }
    header.pixelDimensions[2] *= 1.005
    #expect(try header.strangeVoxelSizes(path: path) == nil)
    header.pixelDimensions[2] *= 1.01
    #expect(try header.strangeVoxelSizes(path: path)?.y == header.pixelDimensions[2])
    header.pixelDimensions[3] = .nan
    #expect(try header.strangeVoxelSizes(path: path) != nil)
  }
}
