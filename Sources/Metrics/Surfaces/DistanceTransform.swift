import Foundations

/// The exact Euclidean distance transform of a box, in a time that grows with its voxels alone
/// (Felzenszwalb and Huttenlocher 2012: the lower envelope of parabolas, axis by axis).
enum DistanceTransform {
  /// Squared distances in mm² from each voxel (i fastest) to the nearest one that is marked (not 0); infinite without any.
  static func squared(
    to marked: [UInt8], size: SIMD3<Int>, spacing: SIMD3<Double>, loop: ParallelLoop
  ) -> [Double] {
    precondition(marked.count == size.x * size.y * size.z, "a mask has as many voxels as its grid")
    return [Double](unsafeUninitializedCapacity: marked.count) { squares, initialized in
      marked.withUnsafeBufferPointer { marked in
        // Safe: each piece writes its own slice, then its own plane of columns.
        nonisolated(unsafe) let squares = squares
        loop.forEach(size.z) { k, _ in
          let slice = size.x * size.y * k
          for j in 0..<size.y {
            alongRow(marked, squares, from: slice + size.x * j, count: size.x, spacing: spacing.x)
          }
          alongColumns(
            squares, from: slice, columns: size.x, stride: size.x, count: size.y, spacing: spacing.y)
        }
        loop.forEach(size.y) { j, _ in
          alongColumns(
            squares, from: size.x * j, columns: size.x, stride: size.x * size.y, count: size.z,
            spacing: spacing.z)
        }
      }
      initialized = marked.count
    }
  }

  private static func alongRow(
    _ marked: UnsafeBufferPointer<UInt8>, _ squares: UnsafeMutableBufferPointer<Double>, from start: Int,
    count: Int, spacing: Double
  ) {
    var last = -1
    for i in 0..<count {
      if marked[start + i] != 0 { last = i }
      let distance = Double(i - last) * spacing
      squares[start + i] = last < 0 ? .infinity : distance * distance
    }
    if last < 0 { return }
    var next = last
    for i in stride(from: last, through: 0, by: -1) {
      if marked[start + i] != 0 { next = i }
      let distance = Double(next - i) * spacing
      squares[start + i] = min(squares[start + i], distance * distance)
    }
  }

  /// Neighbouring columns side by side: f(x) becomes the least of f(q) + (spacing · (x − q))² over all q.
  private static func alongColumns(
    _ squares: UnsafeMutableBufferPointer<Double>, from start: Int, columns: Int, stride: Int, count: Int,
    spacing: Double
  ) {
    if count == 1 { return }
    // A cache line holds eight columns' values of one place.
    let width = 8
    var values = [Double](repeating: 0, count: width * count)
    var envelope = ParabolaEnvelope(count: count, spacing: spacing)
    values.withUnsafeMutableBufferPointer { values in
      for first in Swift.stride(from: 0, to: columns, by: width) {
        let block = min(width, columns - first)
        for q in 0..<count {
          for column in 0..<block {
            values[column * count + q] = squares[start + first + column + stride * q]
          }
        }
        for column in 0..<block {
          envelope.replace(
            UnsafeMutableBufferPointer(rebasing: values[column * count..<(column + 1) * count]))
        }
        for q in 0..<count {
          for column in 0..<block {
            squares[start + first + column + stride * q] = values[column * count + q]
          }
        }
      }
    }
  }
}

/// The lower envelope of one column's parabolas.
private struct ParabolaEnvelope {
  private let spacing: Double
  private let perSquare: Double
  /// The parabolas of the envelope: where each has its least value, that value, and from where on it is the lowest.
  private var places: [Int32]
  private var heights: [Double]
  private var starts: [Double]
  /// 1 / 2n.
  private let halves: [Double]

  init(count: Int, spacing: Double) {
    self.spacing = spacing
    perSquare = 1 / (spacing * spacing)
    places = [Int32](repeating: 0, count: count)
    heights = [Double](repeating: 0, count: count)
    starts = [Double](repeating: 0, count: count)
    halves = (0..<count).map { 0.5 / Double($0) }
  }

  mutating func replace(_ values: UnsafeMutableBufferPointer<Double>) {
    let (count, spacing, perSquare, halves) = (values.count, spacing, perSquare, halves)
    places.withUnsafeMutableBufferPointer { places in
      heights.withUnsafeMutableBufferPointer { heights in
        starts.withUnsafeMutableBufferPointer { starts in
          halves.withUnsafeBufferPointer { halves in
            var last = -1
            for q in 0..<count where values[q] < .infinity {
              let value = values[q]
              var from = -Double.infinity
              while last >= 0 {
                let v = Int(places[last])
                from = ((value - heights[last]) * perSquare + Double(q * q - v * v)) * halves[q - v]
                if from > starts[last] { break }
                last -= 1
                from = -.infinity
              }
              last += 1
              (places[last], heights[last], starts[last]) = (Int32(q), value, from)
            }
            if last < 0 { return }
            var parabola = 0
            for x in 0..<count {
              while parabola < last && starts[parabola + 1] < Double(x) { parabola += 1 }
              let distance = Double(x - Int(places[parabola])) * spacing
              values[x] = heights[parabola] + distance * distance
            }
          }
        }
      }
    }
  }
}
