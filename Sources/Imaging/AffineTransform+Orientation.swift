extension AffineTransform {
  /// The flips and permutation to the closest RAS+ orientation: `io_orientation` of nibabel 5.4 and later.
  ///
  /// The columns are normalised and replaced by their polar rotation R; input axes choose their world axis
  /// by strongest R² first, ties in axis order.
  package var permutationToRAS: AxisPermutation {
    var rotation = polarRotation
    let strength = rotation.map { ($0 * $0).max() }
    let order = (0..<3).sorted { (-strength[$0], $0) < (-strength[$1], $1) }
    var result = AxisPermutation.identity
    var free: Set<Int> = [0, 1, 2]
    for input in order {
      let column = rotation[input]
      var world = 0
      for axis in 1..<3 where abs(column[axis]) > abs(column[world]) { world = axis }
      // A grid without volume leaves an axis without direction; it takes the first world axis that is left.
      if abs(column[world]) <= 1e-8 { world = free.min()! }
      free.remove(world)
      result.sources[world] = input
      result.flips[world] = column[world] < 0
      for other in 0..<3 { rotation[other][world] = 0 }
    }
    return result
  }

  /// The columns of P·Qᵀ, where P·S·Qᵀ is the singular value decomposition of the unit columns.
  ///
  /// One-sided Jacobi: exact, not only close, for axes that are orthogonal already.
  var polarRotation: [SIMD3<Double>] {
    var left = (0..<3).map { axis in
      let column = column(axis)
      let length = (column * column).sum().squareRoot()
      return length == 0 ? column : column / length
    }
    var right = [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
    for _ in 0..<30 {
      var isDone = true
      for (p, q) in [(0, 1), (0, 2), (1, 2)] {
        let pp = (left[p] * left[p]).sum()
        let qq = (left[q] * left[q]).sum()
        let pq = (left[p] * left[q]).sum()
        if abs(pq) <= 1e-15 * (pp * qq).squareRoot() { continue }
        isDone = false
        let zeta = (qq - pp) / (2 * pq)
        let tangent = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = cosine * tangent
        (left[p], left[q]) = (cosine * left[p] - sine * left[q], sine * left[p] + cosine * left[q])
        (right[p], right[q]) = (cosine * right[p] - sine * right[q], sine * right[p] + cosine * right[q])
      }
      if isDone { break }
    }
    let lengths = left.map { ($0 * $0).sum().squareRoot() }
    let least = lengths.max()! * 3 * Double.ulpOfOne
    // Column c of P·Qᵀ is Σ P[:, s] · Q[c, s].
    return (0..<3).map { column in
      var sum = SIMD3<Double>.zero
      for s in 0..<3 where lengths[s] > least { sum += left[s] / lengths[s] * right[s][column] }
      return sum
    }
  }
}
