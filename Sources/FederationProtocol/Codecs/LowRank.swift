import Foundations

/// A tensor as the product of two thin matrices (PowerSGD, arXiv 1905.13727).
///
/// The tensor is seen as a matrix of its last axis, the channels, × the rest. Instead of going on from the last round's factors, which the sender
/// would have to keep, the power iteration is done twice from a random start.
struct LowRank {
  let rows: Int
  let columns: Int
  let rank: Int

  /// nil where the factors would hold as many numbers as the tensor.
  init?(shape: [Int], rank: Int) {
    guard shape.count > 1, let channels = shape.last else { return nil }
    rows = channels
    columns = shape.reduce(1, *) / rows
    self.rank = rank
    guard rank * (rows + columns) < rows * columns else { return nil }
  }

  /// What a reader has in a factor's place.
  func zeros(_ length: Int) -> [Float] { [Float](repeating: 0, count: rank * length) }

  /// The factors, each column by column: `rows` × rank with orthonormal columns, then `columns` × rank.
  func factors(_ values: [Float], _ stream: inout RandomStream) -> (left: [Float], right: [Float]) {
    var right = (0..<rank * columns).map { _ in stream.normal() }
    var left = [Double](repeating: 0, count: rank * rows)
    for _ in 0..<2 {
      left = [Double](repeating: 0, count: rank * rows)
      forEach(values) { row, column, value in
        for k in 0..<rank { left[k * rows + row] += value * right[k * columns + column] }
      }
      orthonormalise(&left)
      right = [Double](repeating: 0, count: rank * columns)
      forEach(values) { row, column, value in
        for k in 0..<rank { right[k * columns + column] += value * left[k * rows + row] }
      }
    }
    return (left.map { Float($0) }, right.map { Float($0) })
  }

  /// The tensor that two factors are.
  func product(left: [Float], right: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: rows * columns)
    for column in 0..<columns {
      for row in 0..<rows {
        var sum: Float = 0
        for k in 0..<rank { sum += left[k * rows + row] * right[k * columns + column] }
        result[column * rows + row] = sum
      }
    }
    return result
  }

  private func forEach(_ values: [Float], _ body: (Int, Int, Double) -> Void) {
    for column in 0..<columns {
      for row in 0..<rows { body(row, column, Double(values[column * rows + row])) }
    }
  }

  /// Gram and Schmidt, in order; a column that the ones before it span becomes 0.
  private func orthonormalise(_ matrix: inout [Double]) {
    for k in 0..<rank {
      for earlier in 0..<k {
        let share = (0..<rows).reduce(0.0) { $0 + matrix[k * rows + $1] * matrix[earlier * rows + $1] }
        for row in 0..<rows { matrix[k * rows + row] -= share * matrix[earlier * rows + row] }
      }
      let length = (0..<rows).reduce(0.0) { $0 + matrix[k * rows + $1] * matrix[k * rows + $1] }.squareRoot()
      for row in 0..<rows { matrix[k * rows + row] = length > 1e-30 ? matrix[k * rows + row] / length : 0 }
    }
  }
}
