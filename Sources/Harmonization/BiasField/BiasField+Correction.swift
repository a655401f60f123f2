import Foundations
import Imaging

extension BiasField {
  /// The scan without the field: each voxel, also outside the brain, divided by the field's value there, within
  /// 2 · 10⁻⁶ of its magnitude.
  package func corrected(_ volume: Volume, loop: ParallelLoop) -> Volume {
    precondition(volume.geometry.size == size, "a bias field corrects a scan on its own grid")
    let axes = (0..<3).map {
      SplineAxis(points: lattice.points[$0], length: size[$0], samples: Array(0..<size[$0]))
    }
    let row = SplineRow(axes[0])
    let count = volume.voxels.count
    let voxels = [Float](unsafeUninitializedCapacity: count) { output, initialized in
      volume.voxels.withUnsafeBufferPointer { source in
        // Safe: each piece writes its own slice, and the source is only read.
        nonisolated(unsafe) let output = output.baseAddress!
        nonisolated(unsafe) let source = source.baseAddress!
        loop.forEach(size.z) { k, _ in
          var section = SplineSection(lattice, axes[2], at: k)
          var factors = [SIMD8<Float>](repeating: .zero, count: row.groups)
          for j in 0..<size.y {
            section.cut(axes[1], at: j)
            row.writeInverses(section.line, into: &factors)
            let first = size.x * (j + size.y * k)
            factors.withUnsafeBytes { factors in
              let factors = factors.assumingMemoryBound(to: Float.self)
              for i in 0..<size.x { (output + first + i).initialize(to: source[first + i] * factors[i]) }
            }
          }
        }
      }
      initialized = count
    }
    return Volume(geometry: volume.geometry, voxels: voxels)
  }
}

/// Evaluates the spline for all voxels of a row.
private struct SplineRow: Sendable {
  /// Eights of voxels, the last one filled up.
  let groups: Int
  /// Voxels between the same control points, and the first of these.
  private let spans: [(voxels: Range<Int>, first: Int)]
  /// The four weights of each voxel, apart, so that neighbours are computed side by side.
  private let weights: [[Float]]

  init(_ axis: SplineAxis) {
    let count = axis.first.count
    groups = (count + 7) / 8
    weights = (0..<4).map { c in axis.weights.map { Float($0[c]) } }
    let starts = (0..<count).filter { $0 == 0 || axis.first[$0] != axis.first[$0 - 1] }
    spans = zip(starts, starts.dropFirst() + [count]).map { ($0..<$1, axis.first[$0]) }
  }

  /// One over the field, from the row's coefficients.
  func writeInverses(_ line: [Double], into factors: inout [SIMD8<Float>]) {
    factors.withUnsafeMutableBytes { bytes in
      let logs = bytes.assumingMemoryBound(to: Float.self).baseAddress!
      weights[0].withUnsafeBufferPointer { w0 in
        weights[1].withUnsafeBufferPointer { w1 in
          weights[2].withUnsafeBufferPointer { w2 in
            weights[3].withUnsafeBufferPointer { w3 in
              for (voxels, first) in spans {
                let (a, b) = (Float(-line[first]), Float(-line[first + 1]))
                let (c, d) = (Float(-line[first + 2]), Float(-line[first + 3]))
                for i in voxels { logs[i] = a * w0[i] + b * w1[i] + (c * w2[i] + d * w3[i]) }
              }
            }
          }
        }
      }
    }
    for group in factors.indices { factors[group] = FastExponential.exp(factors[group]) }
  }
}
