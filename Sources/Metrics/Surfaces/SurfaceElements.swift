/// How much surface lies in a cube of 2×2×2 voxel centres, for each of the 256 ways in which they are inside a mask
/// or outside: the polygons of marching cubes (Lorensen and Cline 1987) through the middles of the edges.
///
/// The surface elements of DeepMind's `surface-distance`, whose table these rules give: on a face with two corners of either
/// kind across, those of the kind that is rarer in the cube are kept apart (of four and four, those inside), and a polygon
/// that is not flat is cut into the triangles with the largest area at equal spacing.
package enum SurfaceElements {
  /// Area in mm² by code: bit 7 − (4a + 2b + c) is the voxel at (a, b, c) of the cube along (i, j, k).
  package static func areas(spacing: SIMD3<Double>) -> [Double] {
    let faces = SIMD3(spacing.y * spacing.z, spacing.x * spacing.z, spacing.x * spacing.y)
    return triangles.map { $0.reduce(0) { $0 + length($1 * faces) } }
  }

  /// Length in mm by code in a picture: bit 3 − (2a + b) is the pixel at (a, b) of the square along (i, j).
  static func lengths(spacing: SIMD3<Double>) -> [Double] {
    (0..<16).map { code in
      let inside = (0..<4).map { code >> (3 - $0) & 1 == 1 }
      // Between the middles of the sides that the outline crosses: straight along j or i, or across a corner.
      let across = 0.5 * (spacing.x * spacing.x + spacing.y * spacing.y).squareRoot()
      switch inside.count(where: { $0 }) {
      case 0, 4: return 0
      case 1, 3: return across
      default:
        if inside[0] == inside[1] { return spacing.y }
        return inside[0] == inside[2] ? spacing.x : 2 * across
      }
    }
  }

  /// The triangles' normals by code, as long as their areas at spacing 1.
  private static let triangles: [[SIMD3<Double>]] = (0..<256).map { code in
    polygons(code).flatMap { largest($0, 0, $0.count - 1).normals }
  }

  /// A point of the cube's 3×3×3 half steps: corners have even coordinates, the middle of an edge one odd one.
  private typealias Point = SIMD3<Int>

  private static func isInside(_ corner: Point, _ code: Int) -> Bool {
    code >> (7 - (2 * corner.x + corner.y + corner.z / 2)) & 1 == 1
  }

  /// The closed outlines along which the surface crosses the cube's edges.
  private static func polygons(_ code: Int) -> [[Point]] {
    let rarer = code.nonzeroBitCount <= 4
    var neighbours = [[Point]](repeating: [], count: 27)
    func number(_ point: Point) -> Int { point.x + 3 * (point.y + 3 * point.z) }
    func join(_ one: Point, _ other: Point) {
      neighbours[number(one)].append(other)
      neighbours[number(other)].append(one)
    }
    for axis in 0..<3 {
      for side in [0, 2] {
        let corners = ring(axis, side)
        let middles = (0..<4).map { (corners[$0] &+ corners[($0 + 1) % 4]) / 2 }
        let crossed = (0..<4).filter {
          isInside(corners[$0], code) != isInside(corners[($0 + 1) % 4], code)
        }
        if crossed.count == 2 { join(middles[crossed[0]], middles[crossed[1]]) }
        guard crossed.count == 4 else { continue }
        for corner in 0..<4 where isInside(corners[corner], code) == rarer {
          join(middles[(corner + 3) % 4], middles[corner])
        }
      }
    }
    var polygons: [[Point]] = []
    var isUsed = [Bool](repeating: false, count: 27)
    for first in 0..<27 where !neighbours[first].isEmpty && !isUsed[first] {
      let start = Point(first % 3, first / 3 % 3, first / 9)
      var polygon: [Point] = []
      var next: Point? = start
      while let point = next {
        polygon.append(point)
        isUsed[number(point)] = true
        next = neighbours[number(point)].first { !isUsed[number($0)] }
      }
      polygons.append(polygon)
    }
    return polygons
  }

  /// The four corners around a face of the cube.
  private static func ring(_ axis: Int, _ side: Int) -> [Point] {
    let others = [0, 1, 2].filter { $0 != axis }
    return [(0, 0), (2, 0), (2, 2), (0, 2)].map { a, b in
      var corner = Point.zero
      corner[axis] = side
      corner[others[0]] = a
      corner[others[1]] = b
      return corner
    }
  }

  /// The largest triangulation of a polygon's points from `first` to `last`; of equals the first.
  private static func largest(
    _ polygon: [Point], _ first: Int, _ last: Int
  ) -> (area: Double, normals: [SIMD3<Double>]) {
    var best: (area: Double, normals: [SIMD3<Double>]) = (0, [])
    for middle in first + 1..<max(last, first + 1) {
      let one = largest(polygon, first, middle)
      let other = largest(polygon, middle, last)
      let normal = normal(polygon[first], polygon[middle], polygon[last])
      let area = one.area + other.area + length(normal)
      // Sums of equal areas may differ in their last digits.
      if area > best.area + 1e-9 { best = (area, one.normals + other.normals + [normal]) }
    }
    return best
  }

  private static func normal(_ a: Point, _ b: Point, _ c: Point) -> SIMD3<Double> {
    let (u, v) = (b &- a, c &- a)
    let cross = SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    // Half of the parallelogram, in half steps along both sides.
    return SIMD3<Double>(cross) / 8
  }

  private static func length(_ v: SIMD3<Double>) -> Double {
    (v.x * v.x + v.y * v.y + v.z * v.z).squareRoot()
  }
}
