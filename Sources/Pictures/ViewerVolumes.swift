import Foundation
import Imaging

/// A case's volumes for a viewer in a page, small enough to be part of it: 8 bits a voxel, as atlases of slices.
package struct ViewerVolumes: Sendable {
  /// What a page takes of one case, as text in base 64.
  package static let mostBytes = 10_000_000
  /// What a browser's canvas takes on every machine.
  private static let mostVoxels = 12_000_000
  /// Values of maps from 0 to 1 are kept in so many steps: what is smooth takes little room then.
  private static let steps = 63

  /// How many voxels along x and along y were put together to one; 1: none.
  package let thinning: Int
  package let atlas: SliceAtlas
  /// In mm along x, y, z, after thinning.
  package let spacing: SIMD3<Double>
  /// A picture for each scan: 0 is black, 255 white.
  package let scans: [Data]
  /// Red: the reference's label, by its place among `labels`, times `labelStep`; green: the prediction's; blue: the entropy.
  package let labels: Data
  package let labelStep: Int
  /// Three maps in each picture.
  package let heat: [Data]

  /// As fine as fits into `mostBytes`. `labels` are the label values in order, background first.
  package init(_ layers: CaseLayers, labels: [UInt16], mostBytes: Int = Self.mostBytes) {
    var thinning = 1
    while true {
      let made = Self(layers, labels: labels, thinning: thinning, mostBytes: mostBytes)
      if let made {
        self = made
        return
      }
      thinning += 1
    }
  }

  /// nil where it takes too much room, unless nothing can be done about it.
  private init?(_ layers: CaseLayers, labels: [UInt16], thinning: Int, mostBytes: Int) {
    let thinned = Thinned(size: layers.size, by: thinning)
    let isLast = thinning >= max(1, min(layers.size.x, layers.size.y) / 8)
    let size = thinned.size
    if size.x * size.y * size.z > Self.mostVoxels, !isLast { return nil }
    let atlas = SliceAtlas(size: size)
    let step = max(1, 255 / max(1, labels.count - 1))
    var indices = [UInt8](repeating: 0, count: 65536)
    for (index, label) in labels.enumerated() { indices[Int(label)] = UInt8(min(255, index * step)) }
    func shares(_ volume: Volume) -> [UInt8] {
      thinned.means(of: volume.voxels).map {
        UInt8((min(max($0, 0), 1) * Double(Self.steps)).rounded()) * 4
      }
    }
    func map(_ map: LabelVolume?) -> [UInt8] {
      map.map { thinned.middles(of: $0.labels).map { indices[Int($0)] } }
        ?? [UInt8](repeating: 0, count: size.x * size.y * size.z)
    }
    scans = layers.scans.map { scan in
      let range = scan.white > scan.black ? scan.white - scan.black : 1
      return atlas.png([
        thinned.means(of: scan.volume.voxels).map {
          UInt8((min(max(($0 - scan.black) / range, 0), 1) * 255).rounded())
        }
      ])
    }
    self.labels = atlas.png([map(layers.reference), map(layers.prediction), shares(layers.entropy)])
    heat = stride(from: 0, to: layers.heat.count, by: 3).map { first in
      atlas.png(
        (first..<first + 3).map { index in
          layers.heat.indices.contains(index)
            ? shares(layers.heat[index].volume) : [UInt8](repeating: 0, count: size.x * size.y * size.z)
        })
    }
    let bytes = (scans + [self.labels] + heat).reduce(0) { $0 + ($1.count + 2) / 3 * 4 }
    if bytes > mostBytes, !isLast { return nil }
    let across = Double(thinning)
    spacing = layers.prediction.geometry.spacing * SIMD3(across, across, 1)
    self.thinning = thinning
    self.atlas = atlas
    labelStep = step
  }
}

/// Squares of voxels within a slice as one voxel.
struct Thinned {
  let size: SIMD3<Int>
  private let from: SIMD3<Int>
  private let step: Int

  init(size: SIMD3<Int>, by step: Int) {
    from = size
    self.step = step
    self.size = SIMD3((size.x + step - 1) / step, (size.y + step - 1) / step, size.z)
  }

  /// The mean of each square; at the edges of what there is of it.
  func means(of values: [Float]) -> [Double] {
    if step == 1 { return values.map(Double.init) }
    return squares { rows, columns, k in
      var sum = 0.0
      for j in rows { for i in columns { sum += Double(values[i + from.x * (j + from.y * k)]) } }
      return sum / Double(rows.count * columns.count)
    }
  }

  /// What stands in the middle of each square.
  func middles(of labels: [UInt16]) -> [UInt16] {
    if step == 1 { return labels }
    return squares { rows, columns, k in
      let (i, j) = (columns.lowerBound + columns.count / 2, rows.lowerBound + rows.count / 2)
      return labels[i + from.x * (j + from.y * k)]
    }
  }

  private func squares<Value>(_ value: (Range<Int>, Range<Int>, Int) -> Value) -> [Value] {
    var found: [Value] = []
    found.reserveCapacity(size.x * size.y * size.z)
    for k in 0..<size.z {
      for j in 0..<size.y {
        let rows = j * step..<min((j + 1) * step, from.y)
        for i in 0..<size.x { found.append(value(rows, i * step..<min((i + 1) * step, from.x), k)) }
      }
    }
    return found
  }
}
