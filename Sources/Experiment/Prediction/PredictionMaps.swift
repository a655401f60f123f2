import Foundation
import Foundations
import Harmonization
import Imaging
import Pictures
import Training

/// Probabilities and entropy of one case, in its scan's own grid.
package final class PredictionMaps: ScoreMaps {
  /// What is written beside a label map.
  package struct Kinds: Sendable, Equatable {
    /// `<case>_probabilities.nii.gz`: 4D, a volume for each of the network's outputs in the plan's order.
    package var probabilities = false
    /// `<case>_entropy.nii.gz` and `.png`: 0 where the model is certain, 1 where all outputs are alike (`ScoreDecision.entropy`).
    package var entropy = false

    package init(probabilities: Bool = false, entropy: Bool = false) {
      self.probabilities = probabilities
      self.entropy = entropy
    }

    package var isEmpty: Bool { !probabilities && !entropy }

    /// The files beside a label map.
    func files(beside output: String) -> [String] {
      (probabilities ? [PredictionMaps.file("probabilities.nii.gz", beside: output)] : [])
        + (entropy ? ["entropy.nii.gz", "entropy.png"].map { PredictionMaps.file($0, beside: output) } : [])
    }
  }

  package var wantsEntropy: Bool { kinds.entropy }
  private let kinds: Kinds
  private let item: HarmonizedCase
  private let outputs: Int
  /// What a voxel outside of the box has: background for certain, or no region (nnU-Net).
  private let outside: [Float]
  private let output: String
  private let spool: MapSpool

  /// Throws `FileError.notWritable`.
  init(_ kinds: Kinds, _ item: HarmonizedCase, plan: TrainingPlan, beside output: String) throws {
    self.kinds = kinds
    self.item = item
    self.output = output
    outputs = plan.outputCount
    outside = (0..<plan.outputCount).map { $0 == 0 && plan.targets == .labels ? 1 : 0 }
    spool = try MapSpool(item.restoration.boxGeometry.size, beside: output)
  }

  /// `<folder>/<case>_<name>` for the label map `<folder>/<case>_seg.nii.gz`.
  private static func file(_ name: String, beside output: String) -> String {
    let folder = (output as NSString).deletingLastPathComponent
    var stem = CaseFiles.stem(of: output)
    if stem.hasSuffix("_seg") { stem = String(stem.dropLast(4)) }
    return (folder.isEmpty ? "" : folder + "/") + stem + "_" + name
  }

  package func take(
    slice: Int, probabilities: UnsafeBufferPointer<Float>, entropy: UnsafeBufferPointer<Float>
  ) throws {
    if kinds.probabilities {
      let plane = probabilities.count / outputs
      for map in 0..<outputs {
        let values = UnsafeBufferPointer(rebasing: probabilities[map * plane..<(map + 1) * plane])
        try spool.write(values, map: map, slice: slice)
      }
    }
    if kinds.entropy { try spool.write(entropy, map: entropyMap, slice: slice) }
  }

  private var entropyMap: Int { kinds.probabilities ? outputs : 0 }

  /// Writes what was asked for, in the geometry of the scan's header, and returns the files. Throws `FileError` and
  /// `ImagingError`.
  ///
  /// `labels`, the case's prediction, are outlined in the picture of the entropy.
  func write(_ files: CaseFiles, labels: LabelVolume, loop: ParallelLoop) throws -> [String] {
    let scan = files.images[0].path
    var options = NIfTIWriteOptions(compressionLevel: 1)
    if !PNG.isNamed(scan) { options.geometry = try NIfTI.header(scan) }
    var written: [String] = []
    if kinds.probabilities {
      let path = Self.file("probabilities.nii.gz", beside: output)
      try write(Array(0..<outputs), outside: outside, to: path, options: options, loop: loop)
      written.append(path)
    }
    if kinds.entropy {
      let path = Self.file("entropy.nii.gz", beside: output)
      try write([entropyMap], outside: [0], to: path, options: options, loop: loop)
      written.append(path)
      if let path = try writePicture(files, labels: labels, loop: loop) { written.append(path) }
    }
    return written
  }

  /// Slices of the first contrast through the prediction's middle, the entropy over them; nil for a scan that is a mere line.
  private func writePicture(_ files: CaseFiles, labels: LabelVolume, loop: ParallelLoop) throws -> String? {
    let path = Self.file("entropy.png", beside: output)
    let first = CaseFiles(name: files.name, images: [files.images[0]], label: nil)
    let scan = try CaseLoader.loadCase(first, loop: loop).images[0]
    let row = try SliceRow(scan, labels: labels, heat: entropy(), view: files.view)
    if row.isEmpty { return nil }
    try SlicePicture.write([row], to: path)
    return path
  }

  /// The entropy, which must have been asked for, in the scan's own grid. Throws `FileError.notWritable` where the disk fails.
  func entropy() throws -> Volume {
    let geometry = item.restoration.geometry
    return try Volume(
      geometry: geometry, voxels: voxels(of: entropyMap, slices: 0..<geometry.size.z, outside: 0))
  }

  /// Slices of the scan in memory at once, on each thread.
  private static let blockSlices = 8

  private func write(
    _ maps: [Int], outside: [Float], to path: String, options: NIfTIWriteOptions, loop: ParallelLoop
  ) throws {
    var options = options
    options.volumes = maps.count
    let depth = item.restoration.geometry.size.z
    let stream = try NIfTIStream(path, geometry: item.restoration.geometry, options: options)
    let perVolume = (depth + Self.blockSlices - 1) / Self.blockSlices
    let count = perVolume * maps.count
    for first in stride(from: 0, to: count, by: loop.threads) {
      let blocks = try loop.map(min(loop.threads, count - first)) { piece in
        let (volume, block) = ((first + piece) / perVolume, (first + piece) % perVolume)
        let slices = block * Self.blockSlices..<min(depth, (block + 1) * Self.blockSlices)
        return try stream.block(voxels(of: maps[volume], slices: slices, outside: outside[volume]))
      }
      for block in blocks { try stream.append(block) }
    }
    try stream.finish()
  }

  /// Whole slices (across k) of the scan, i fastest.
  private func voxels(of map: Int, slices: Range<Int>, outside: Float) throws -> [Float] {
    let (restoration, size) = (item.restoration, item.restoration.geometry.size)
    let grid = SIMD3(size.x, size.y, slices.count)
    var voxels = [Float](repeating: outside, count: grid.x * grid.y * grid.z)
    let box = restoration.box
    let inside = slices.clamped(to: box.origin.z..<box.last.z + 1)
    if inside.isEmpty { return voxels }
    // The slices' part of the box, in the box's own coordinates and the scan's orientation.
    let part = GridBox(
      origin: SIMD3(0, 0, inside.lowerBound - box.origin.z),
      size: SIMD3(box.size.x, box.size.y, inside.count))
    let turned = restoration.permutation.box(part, of: box.size)
    let values = restoration.permutation.inverse.applied(
      to: try spool.values(map, in: turned), size: turned.size, loop: .serial)
    GridBox(
      origin: SIMD3(box.origin.x, box.origin.y, inside.lowerBound - slices.lowerBound), size: part.size
    ).paste(values, into: &voxels, of: grid)
    return voxels
  }
}
