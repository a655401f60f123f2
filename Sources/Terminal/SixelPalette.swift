/// The colours of a picture in per cent, as sixels have them, at most 256.
package struct SixelPalette: Sendable, Equatable {
  static let most = 256

  /// Red, green and blue from 0 to 100.
  package let colours: [SIMD3<UInt8>]
  /// Which of them each pixel has.
  package let indices: [UInt8]

  /// Pictures of few colours keep each; of many, the ones alike become one (median cut, Heckbert 1982).
  package init(_ pixels: [SIMD3<UInt8>]) {
    let shades = pixels.map { Self.number(Self.perCent($0)) }
    var counts = [Int](repeating: 0, count: Self.shades)
    for shade in shades { counts[shade] += 1 }
    let found = counts.indices.filter { counts[$0] > 0 }
    let boxes = Self.boxes(found, counts)
    var index = [UInt8](repeating: 0, count: Self.shades)
    for (place, box) in boxes.enumerated() {
      for shade in box { index[shade] = UInt8(place) }
    }
    colours = boxes.map { Self.mean($0, counts) }
    indices = shades.map { index[$0] }
  }

  private static let levels = 101
  private static let shades = levels * levels * levels

  private static func perCent(_ colour: SIMD3<UInt8>) -> SIMD3<Int> {
    (SIMD3<Int>(truncatingIfNeeded: colour) &* 100 &+ 127) / 255
  }

  private static func number(_ shade: SIMD3<Int>) -> Int { (shade.x * levels + shade.y) * levels + shade.z }

  private static func shade(_ number: Int) -> SIMD3<Int> {
    SIMD3(number / levels / levels, number / levels % levels, number % levels)
  }

  /// Groups of shades. The one with the most pixels times extent is cut in two where half of its pixels lie on either side.
  private static func boxes(_ found: [Int], _ counts: [Int]) -> [[Int]] {
    if found.count <= most { return found.map { [$0] } }
    var boxes = [found]
    var weights = [weight(found, counts)]
    while boxes.count < most {
      guard let widest = weights.indices.max(by: { weights[$0] < weights[$1] }), weights[widest] > 0 else {
        break
      }
      let (left, right) = halves(boxes[widest], counts)
      (boxes[widest], weights[widest]) = (left, weight(left, counts))
      boxes.append(right)
      weights.append(weight(right, counts))
    }
    return boxes
  }

  private static func extent(_ box: [Int]) -> SIMD3<Int> {
    var (low, high) = (SIMD3(repeating: levels), SIMD3(repeating: -1))
    for number in box {
      let shade = shade(number)
      low = pointwiseMin(low, shade)
      high = pointwiseMax(high, shade)
    }
    return high &- low
  }

  private static func weight(_ box: [Int], _ counts: [Int]) -> Int {
    extent(box).max() * box.reduce(0) { $0 + counts[$1] }
  }

  private static func halves(_ box: [Int], _ counts: [Int]) -> ([Int], [Int]) {
    let extent = extent(box)
    let axis = (0..<3).max { extent[$0] < extent[$1] } ?? 0
    let sorted = box.sorted { (shade($0)[axis], $0) < (shade($1)[axis], $1) }
    let all = box.reduce(0) { $0 + counts[$1] }
    var (cut, passed) = (0, 0)
    while cut < sorted.count - 2, passed + counts[sorted[cut]] < (all + 1) / 2 {
      passed += counts[sorted[cut]]
      cut += 1
    }
    return (Array(sorted[...cut]), Array(sorted[(cut + 1)...]))
  }

  private static func mean(_ box: [Int], _ counts: [Int]) -> SIMD3<UInt8> {
    var sum = SIMD3<Int>.zero
    var count = 0
    for number in box {
      sum &+= shade(number) &* counts[number]
      count += counts[number]
    }
    return SIMD3<UInt8>(truncatingIfNeeded: (sum &+ count / 2) / SIMD3(repeating: count))
  }
}
