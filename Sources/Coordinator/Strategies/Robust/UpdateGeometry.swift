/// How a round's updates lie to each other: read from disk once, block by block, and summed in Double in the order of the
/// elements.
struct UpdateGeometry: Sendable {
  /// ‖Δᵢ‖².
  let squares: [Double]
  /// ‖Δᵢ − Δⱼ‖², summed as differences: nothing cancels where two updates are nearly alike.
  let distances: [[Double]]
  /// (Δᵢ − m)·(Δⱼ − m) with m the element-wise median, if asked for: around m, which no hostile update moves far, those of honest ones
  /// keep their digits.
  let centredProducts: [[Double]]
  /// Cosine of each update to the element-wise median of all; 0 where either is nothing but zeros.
  let medianCosines: [Double]

  /// Throws `FileError` where an update cannot be read back.
  init(_ updates: SiteUpdates, withProducts: Bool = false) throws {
    let sites = updates.count
    var squares = [Double](repeating: 0, count: sites)
    var distances = [[Double]](repeating: squares, count: sites)
    var centredProducts = withProducts ? distances : []
    var products = squares
    var medianSquare = 0.0
    var column = SortedColumn(sites: sites)
    var medians: [Double] = []
    try updates.forEachBlock { range, rows in
      medians.removeAll(keepingCapacity: true)
      for index in 0..<range.count {
        column.take(index, of: rows)
        let median = column.median
        medians.append(median)
        medianSquare += median * median
        for site in 0..<sites {
          let value = Double(rows[site][index])
          squares[site] += value * value
          products[site] += value * median
        }
      }
      for first in 0..<sites {
        for second in 0...first {
          let sum = Self.squares(rows[first], rows[second], from: distances[first][second])
          distances[first][second] = sum
          distances[second][first] = sum
          guard withProducts else { continue }
          let product = Self.products(
            rows[first], rows[second], around: medians, from: centredProducts[first][second])
          centredProducts[first][second] = product
          centredProducts[second][first] = product
        }
      }
    }
    self.squares = squares
    self.distances = distances
    self.centredProducts = centredProducts
    medianCosines = products.indices.map {
      Self.cosine(products[$0], squares[$0], medianSquare)
    }
  }

  /// The cosine of two vectors by their product and their squares; 0 where either is nothing but zeros.
  static func cosine(_ product: Double, _ first: Double, _ second: Double) -> Double {
    let norms = first.squareRoot() * second.squareRoot()
    return norms > 0 ? max(-1, min(1, product / norms)) : 0
  }

  private static func squares(_ first: [Float], _ second: [Float], from begin: Double) -> Double {
    var sum = begin
    for index in 0..<first.count {
      let difference = Double(first[index]) - Double(second[index])
      sum += difference * difference
    }
    return sum
  }

  private static func products(
    _ first: [Float], _ second: [Float], around centre: [Double], from begin: Double
  ) -> Double {
    var sum = begin
    for index in 0..<first.count {
      sum += (Double(first[index]) - centre[index]) * (Double(second[index]) - centre[index])
    }
    return sum
  }
}

extension [Double] {
  /// The middle of these; the mean of the middle two of an even number. Not of nothing.
  var median: Double {
    let sorted = sorted()
    let middle = count / 2
    return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
