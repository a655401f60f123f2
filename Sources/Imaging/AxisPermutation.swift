import Foundations

/// Which axes swap places and which turn round when a grid is brought into another orientation.
package struct AxisPermutation: Sendable, Equatable {
  /// For each output axis, the input axis that it shows.
  package var sources: SIMD3<Int>
  /// For each output axis, whether it runs against the input axis.
  package var flips: [Bool]

  package init(sources: SIMD3<Int>, flips: [Bool]) {
    precondition(
      Set([sources.x, sources.y, sources.z]) == [0, 1, 2] && flips.count == 3, "a permutation of three axes")
    self.sources = sources
    self.flips = flips
  }

  package static let identity = AxisPermutation(sources: SIMD3(0, 1, 2), flips: [false, false, false])

  /// The permutation that undoes this one.
  package var inverse: AxisPermutation {
    var inverse = AxisPermutation.identity
    for axis in 0..<3 {
      inverse.sources[sources[axis]] = axis
      inverse.flips[sources[axis]] = flips[axis]
    }
    return inverse
  }

  /// The size of the output grid for an input of `size`.
  package func size(of size: SIMD3<Int>) -> SIMD3<Int> {
    SIMD3(size[sources.x], size[sources.y], size[sources.z])
  }

  /// A box of an input grid of `size` as a box of the output grid.
  package func box(_ box: GridBox, of size: SIMD3<Int>) -> GridBox {
    var origin = SIMD3<Int>.zero
    for axis in 0..<3 {
      let source = sources[axis]
      origin[axis] = flips[axis] ? size[source] - 1 - box.last[source] : box.origin[source]
    }
    return GridBox(origin: origin, size: self.size(of: box.size))
  }

  /// The output grid: the same voxels at the same places in the patient.
  package func geometry(of geometry: Geometry) -> Geometry {
    var first = SIMD3<Double>.zero
    var rows = Array(repeating: SIMD4<Double>.zero, count: 3)
    for axis in 0..<3 {
      let source = sources[axis]
      let column = geometry.affine.column(source)
      if flips[axis] { first[source] = Double(geometry.size[source] - 1) }
      for row in 0..<3 { rows[row][axis] = flips[axis] ? -column[row] : column[row] }
    }
    let origin = geometry.affine.world(first)
    for row in 0..<3 { rows[row][3] = origin[row] }
    return Geometry(size: size(of: geometry.size), affine: AffineTransform(rows: rows))
  }

  /// Voxels (i fastest) of a grid of `size`, in the output's order.
  package func applied<Voxel: BitwiseCopyable & Sendable>(
    to voxels: [Voxel], size: SIMD3<Int>, box: GridBox? = nil, loop: ParallelLoop
  ) -> [Voxel] {
    let box = box ?? GridBox(whole: size)
    if self == .identity && box.size == size { return voxels }
    let steps = SIMD3(1, size.x, size.x * size.y)
    let output = self.size(of: box.size)
    var step = SIMD3<Int>.zero
    var first = (box.origin &* steps).wrappedSum()
    for axis in 0..<3 {
      step[axis] = steps[sources[axis]] * (flips[axis] ? -1 : 1)
      if flips[axis] { first += steps[sources[axis]] * (output[axis] - 1) }
    }
    let walk = GridWalk(size: output, strides: step, start: first)
    let count = output.x * output.y * output.z
    return [Voxel](unsafeUninitializedCapacity: count) { target, initialized in
      target.preferLargePages()
      // Safe: each piece writes its own slices, and the source is only read.
      nonisolated(unsafe) let target = target.baseAddress!
      voxels.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source.baseAddress!
        loop.forEach(walk.pieces) { piece, _ in walk.copy(piece, from: source, to: target) }
      }
      initialized = count
    }
  }
}

/// The way through a grid in the order of another: `size` of the output, and for each of its axes the step in the
/// input's memory, counted in voxels.
private struct GridWalk {
  let size: SIMD3<Int>
  let strides: SIMD3<Int>
  let start: Int

  /// Voxels along a block's edge: whole cache lines on either side, whatever axis is the fast one.
  private static let edge = 16

  /// Slabs of `edge` slices.
  var pieces: Int { (size.z + Self.edge - 1) / Self.edge }

  func copy<Voxel: BitwiseCopyable>(
    _ piece: Int, from source: UnsafePointer<Voxel>, to target: UnsafeMutablePointer<Voxel>
  ) {
    let slices = block(piece, size.z)
    if abs(strides.x) == 1 {
      for k in slices { for j in 0..<size.y { copyRow(j, k, 0..<size.x, source, target) } }
      return
    }
    for blockJ in 0..<(size.y + Self.edge - 1) / Self.edge {
      for blockI in 0..<(size.x + Self.edge - 1) / Self.edge {
        for k in slices {
          for j in block(blockJ, size.y) { copyRow(j, k, block(blockI, size.x), source, target) }
        }
      }
    }
  }

  private func block(_ index: Int, _ length: Int) -> Range<Int> {
    index * Self.edge..<min(length, (index + 1) * Self.edge)
  }

  @inline(__always)
  private func copyRow<Voxel: BitwiseCopyable>(
    _ j: Int, _ k: Int, _ columns: Range<Int>, _ source: UnsafePointer<Voxel>,
    _ target: UnsafeMutablePointer<Voxel>
  ) {
    let from = source + start + k * strides.z + j * strides.y + columns.lowerBound * strides.x
    let to = target + size.x * (j + size.y * k) + columns.lowerBound
    switch strides.x {
    case 1: to.initialize(from: from, count: columns.count)
    // A loop of its own: with a step known to be -1 it is vectorised.
    case -1: for i in 0..<columns.count { (to + i).initialize(to: from[-i]) }
    default: for i in 0..<columns.count { (to + i).initialize(to: from[i * strides.x]) }
    }
  }
}

extension Volume {
  /// The scan, or a box of it, with its axes flipped and permuted.
  package func permuted(
    _ permutation: AxisPermutation, box: GridBox? = nil, loop: ParallelLoop = .serial
  ) -> Volume {
    Volume(
      geometry: permutation.geometry(of: box?.geometry(in: geometry) ?? geometry),
      voxels: permutation.applied(to: voxels, size: geometry.size, box: box, loop: loop))
  }

  /// The scan in the closest canonical orientation (RAS+), as nibabel's `as_closest_canonical`: flips and
  /// permutes only. The permutation's inverse brings it back.
  package func reorientedToRAS(loop: ParallelLoop = .serial) -> (Volume, AxisPermutation) {
    let permutation = geometry.affine.permutationToRAS
    return (permuted(permutation, loop: loop), permutation)
  }
}

extension LabelVolume {
  /// The label map, or a box of it, with its axes flipped and permuted.
  package func permuted(
    _ permutation: AxisPermutation, box: GridBox? = nil, loop: ParallelLoop = .serial
  ) -> LabelVolume {
    LabelVolume(
      geometry: permutation.geometry(of: box?.geometry(in: geometry) ?? geometry),
      labels: permutation.applied(to: labels, size: geometry.size, box: box, loop: loop))
  }

  /// The label map in the closest canonical orientation, as for a scan.
  package func reorientedToRAS(loop: ParallelLoop = .serial) -> (LabelVolume, AxisPermutation) {
    let permutation = geometry.affine.permutationToRAS
    return (permuted(permutation, loop: loop), permutation)
  }
}
