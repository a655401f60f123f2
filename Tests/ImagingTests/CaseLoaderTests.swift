import Foundation
import Foundations
import Imaging
import TestSupport
import Testing

@Suite struct CaseLoaderTests {
  private let folder: TemporaryFolder
  private let volume = SampleVolumes.ramp(SIMD3(6, 5, 4), affine: SampleVolumes.obliqueAffine())

  init() throws { folder = try TemporaryFolder() }

  private func files(_ images: [String], label: String?) -> CaseFiles {
    CaseFiles(
      name: "c1",
      images: images.map { .init(contrast: ($0 as NSString).deletingPathExtension, path: folder.file($0)) },
      label: label.map(folder.file))
  }

  private func write(_ volume: Volume, _ name: String) throws {
    try NIfTI.write(volume, to: folder.file(name), options: NIfTIWriteOptions())
  }

  @Test func aGoodCaseIsLoaded() throws {
    var second = volume
    second.voxels = volume.voxels.map { $0 + 0.5 }
    // Rounding of an exporter: far below a hundredth of a voxel.
    second.geometry.affine.rows[0][3] += 1e-4
    let labels = LabelVolume(geometry: volume.geometry, labels: (0..<120).map { UInt16($0 % 3 == 0 ? 4 : 0) })
    try write(volume, "t1.nii")
    try write(second, "t2.nii")
    try NIfTI.write(labels, to: folder.file("seg.nii"), options: .labels)
    let loaded = try CaseLoader.loadCase(
      files(["t1.nii", "t2.nii"], label: "seg.nii"), allowedLabels: [1, 2, 4], loop: ParallelLoop(threads: 2))
    #expect(loaded.contrasts == ["t1", "t2"])
    #expect(loaded.images.map(\.voxels) == [volume.voxels, second.voxels])
    #expect(loaded.labels?.labels == labels.labels)
    let refused = ImagingError.labelValues(
      path: folder.file("seg.nii"),
      found: [LabelCount(label: 0, voxels: 80), LabelCount(label: 4, voxels: 40)], allowed: [0, 1, 2])
    #expect(throws: refused) {
      try CaseLoader.loadCase(files(["t1.nii"], label: "seg.nii"), allowedLabels: [1, 2])
    }
    #expect(refused.description.contains("4 (40 voxels)"))
  }

  @Test func gridsMustAgree() throws {
    try write(volume, "t1.nii")
    try write(SampleVolumes.ramp(SIMD3(6, 5, 3), affine: volume.geometry.affine), "small.nii")
    let size = ImagingError.gridSize(
      path: folder.file("small.nii"), found: SIMD3(6, 5, 3), reference: folder.file("t1.nii"),
      expected: SIMD3(6, 5, 4))
    #expect(throws: size) { try CaseLoader.loadCase(files(["t1.nii", "small.nii"], label: nil)) }
    #expect(throws: size) { try CaseLoader.loadCase(files(["t1.nii"], label: "small.nii")) }
    var shifted = volume
    shifted.geometry.affine.rows[1][3] -= 2
    try write(shifted, "shifted.nii")
    #expect {
      try CaseLoader.loadCase(files(["t1.nii"], label: "shifted.nii"))
    } throws: { error in
      guard case ImagingError.gridPlace(_, _, 1, let millimetres) = error else { return false }
      return abs(millimetres - 2) < 1e-4 && "\(error)".contains("2.000 mm")
    }
  }

  @Test func emptyScansAreRefused() throws {
    var zero = volume
    zero.voxels = zero.voxels.map { _ in 0 }
    try write(zero, "t1.nii")
    #expect(throws: ImagingError.allZero(path: folder.file("t1.nii"))) {
      try CaseLoader.loadCase(files(["t1.nii"], label: nil))
    }
  }

  @Test func colouredPicturesGiveThreeContrasts() throws {
    let picture = SampleVolumes.ramp(SIMD3(8, 6, 1), affine: Imaging.AffineTransform(spacing: .one))
    let labels = LabelVolume(geometry: picture.geometry, labels: picture.voxels.map { UInt16($0) % 3 })
    try PNG.write(labels, to: folder.file("image.png"), style: .palette)
    try PNG.write(labels, to: folder.file("seg.png"), style: .palette)
    let loaded = try CaseLoader.loadCase(files(["image.png"], label: "seg.png"), allowedLabels: [1, 2])
    #expect(loaded.contrasts == ["image.r", "image.g", "image.b"])
    #expect(loaded.images.count == 3 && loaded.labels?.labels == labels.labels)
  }
}
