import Foundations
import Imaging

/// A case as pictures show it: scans, label maps and maps of one grid, turned to how they are looked at and cropped to what is
/// not 0.
package struct CaseLayers: Sendable {
  package struct Scan: Sendable {
    package let contrast: String
    package let volume: Volume
    /// What is shown black, and what white: the 1st and the 99th percentile of what is not 0.
    package let black: Double
    package let white: Double
  }

  /// A map from 0 to 1, such as where the model looked for a region.
  package struct Heat: Sendable {
    package let name: String
    package let volume: Volume
  }

  /// What a case has, all on the grid of the first scan.
  package struct Content: Sendable {
    package var contrasts: [String]
    package var scans: [Volume]
    /// nil where the site has no label map of the case.
    package var reference: LabelVolume?
    package var prediction: LabelVolume
    /// From 0 (the model is certain) to 1.
    package var entropy: Volume
    package var heat: [(name: String, map: Volume)]

    package init(
      contrasts: [String], scans: [Volume], reference: LabelVolume?, prediction: LabelVolume,
      entropy: Volume, heat: [(name: String, map: Volume)]
    ) {
      (self.contrasts, self.scans, self.reference) = (contrasts, scans, reference)
      (self.prediction, self.entropy, self.heat) = (prediction, entropy, heat)
    }
  }

  package let view: SliceView
  package let scans: [Scan]
  package let reference: LabelVolume?
  package let prediction: LabelVolume
  package let entropy: Volume
  package let heat: [Heat]
  /// Along the turned axes, before anything was cropped.
  package let wholeSize: SIMD3<Int>
  /// The first voxel that was kept.
  package let origin: SIMD3<Int>
  /// A voxel of the lesion, near its centre of mass: the reference's, or where that is empty the prediction's; of neither the
  /// middle of the grid.
  package var focus: SIMD3<Int>
  package let errors: ErrorMap?

  package init(_ content: Content, view: SliceView, loop: ParallelLoop) {
    let grid = content.scans[0].geometry
    let turn = view == .picture ? AxisPermutation.identity : grid.affine.permutationToRAS
    let box = view == .picture ? GridBox(whole: grid.size) : Self.box(content, loop: loop)
    func turned(_ volume: Volume) -> Volume { volume.permuted(turn, box: box, loop: loop) }
    func turned(_ map: LabelVolume) -> LabelVolume { map.permuted(turn, box: box, loop: loop) }
    self.view = view
    scans = zip(content.contrasts, content.scans).map { name, volume in
      let ascending = volume.voxels.filter { $0 != 0 }.sorted()
      return Scan(
        contrast: name, volume: turned(volume),
        black: ascending.isEmpty ? 0 : ascending.percentile(1),
        white: ascending.isEmpty ? 1 : ascending.percentile(99))
    }
    reference = content.reference.map(turned)
    prediction = turned(content.prediction)
    entropy = turned(content.entropy)
    heat = content.heat.map { Heat(name: $0.name, volume: turned($0.map)) }
    wholeSize = turn.size(of: grid.size)
    origin = turn.box(box, of: grid.size).origin
    focus =
      reference.flatMap(Self.middle) ?? Self.middle(prediction)
      ?? SIMD3(prediction.geometry.size.x / 2, prediction.geometry.size.y / 2, prediction.geometry.size.z / 2)
    errors = reference.map { [prediction] in ErrorMap(prediction: prediction, reference: $0) }
  }

  package var size: SIMD3<Int> { prediction.geometry.size }

  /// The planes that there is something to see in: three of a volume, one of a single slice.
  package var planes: [SlicePlane] {
    SlicePlane.all(view).filter { size[$0.across] > 1 && size[$0.down] > 1 }
  }

  /// The scan on which the lesion stands out most: where the means inside and outside of it lie farthest apart, in standard
  /// deviations of the scan.
  package var clearest: Int {
    let map = reference ?? prediction
    let contrast = scans.map { scan -> Double in
      var (inside, outside, squares) = (0.0, 0.0, 0.0)
      var (within, beyond) = (0, 0)
      for (value, label) in zip(scan.volume.voxels, map.labels) where value != 0 {
        let value = Double(value)
        squares += value * value
        if label == 0 { (outside, beyond) = (outside + value, beyond + 1) }
        if label != 0 { (inside, within) = (inside + value, within + 1) }
      }
      if within == 0 || beyond == 0 { return 0 }
      let mean = (inside + outside) / Double(within + beyond)
      let deviation = max(0, squares / Double(within + beyond) - mean * mean).squareRoot()
      let gap = abs(inside / Double(within) - outside / Double(beyond))
      return deviation > 0 ? gap / deviation : 0
    }
    return contrast.indices.reduce(0) { contrast[$1] > contrast[$0] ? $1 : $0 }
  }

  /// The smallest box with every voxel that a scan or a label map has a value in; all of the grid where there is none.
  private static func box(_ content: Content, loop: ParallelLoop) -> GridBox {
    let size = content.scans[0].geometry.size
    var mask = content.prediction.labels.map { $0 == 0 ? UInt8(0) : 1 }
    for scan in content.scans {
      for index in mask.indices where scan.voxels[index] != 0 { mask[index] = 1 }
    }
    if let reference = content.reference {
      for index in mask.indices where reference.labels[index] != 0 { mask[index] = 1 }
    }
    return GridBox(around: mask, size: size, loop: loop) ?? GridBox(whole: size)
  }

  /// The labelled voxel nearest to the centre of mass of all labels; nil of a map without any.
  private static func middle(_ map: LabelVolume) -> SIMD3<Int>? {
    let size = map.geometry.size
    func place(_ index: Int) -> SIMD3<Int> {
      SIMD3(index % size.x, index / size.x % size.y, index / (size.x * size.y))
    }
    var sum = SIMD3<Int>.zero
    var count = 0
    for index in map.labels.indices where map.labels[index] != 0 {
      sum &+= place(index)
      count += 1
    }
    if count == 0 { return nil }
    let centre = SIMD3<Double>(sum) / Double(count)
    var (best, least) = (SIMD3<Int>.zero, Double.infinity)
    for index in map.labels.indices where map.labels[index] != 0 {
      let offset = (SIMD3<Double>(place(index)) - centre) * map.geometry.spacing
      let distance = (offset * offset).sum()
      if distance < least { (best, least) = (place(index), distance) }
    }
    return best
  }
}
