import Foundations

extension Tumour {
  /// A node in white matter, away from the midline, with room for a core of `radius` mm around it.
  static func chooseCentre(_ map: CoarseMap, radius: Float, stream: inout RandomStream) -> Int {
    var best = 0
    var bestScore = -Float.infinity
    var valid = 0
    for _ in 0..<4000 {
      let index = stream.integer(below: map.count)
      if map.tissue[index].x < 0.9 { continue }
      let place = map.position(index)
      // Above the cerebellum and the brainstem, where gliomas of adults grow.
      if place.z < -22 + max(0, -place.y) * 0.35 || abs(place.x) < 9 { continue }
      let score = room(around: place, map: map, radius: radius)
      if score > bestScore {
        bestScore = score
        best = index
      }
      valid += 1
      if valid == 12 { break }
    }
    return best
  }

  /// Mean share of brain tissue, white matter counting most, over points within 1.3 radii.
  private static func room(around place: SIMD3<Float>, map: CoarseMap, radius: Float) -> Float {
    var score: Float = 0
    for k in -2...2 {
      for j in -2...2 {
        for i in -2...2 where i * i + j * j + k * k <= 5 {
          let offset = SIMD3(Float(i), Float(j), Float(k)) * (radius * 0.6)
          let tissue = map.tissue[map.node(place + offset)]
          score += tissue.x + 0.7 * tissue.y - 1.5 * tissue.z
        }
      }
    }
    return score
  }

  /// Grows core, then edema, to their volumes; the depths of every node in both.
  static func grow(
    _ specification: TumourSpecification, centre: SIMD3<Float>, radius: Float, map: CoarseMap,
    noise: NoiseField, stream: inout RandomStream
  ) -> [SIMD4<Float>] {
    let nodeVolume = Double(CoarseMap.spacing * CoarseMap.spacing * CoarseMap.spacing) / 1000
    let reach = 3.2 * radius + 34
    var coreSpeed = [Float](repeating: 0, count: map.count)
    var edemaSpeed = coreSpeed
    for index in 0..<map.count {
      let tissue = map.tissue[index]
      let inBrain = tissue.x + tissue.y + tissue.z + tissue.w
      if inBrain < 0.3 { continue }
      let place = map.position(index)
      let offset = place - centre
      if SignedDistance.length(offset) > reach { continue }
      let waves = noise.sample(place)
      // A normal number's exponential without its tails, from a polynomial.
      let pace = max(0.12, 1 + 1.15 * waves.x + 0.45 * waves.x * waves.x)
      if tissue.z < 0.4 {
        coreSpeed[index] = (tissue.x + 0.5 * tissue.y + 0.12 * tissue.w) * pace
      }
      if tissue.z + tissue.w < 0.5 {
        let along = max(0.15, 1 + 1.0 * waves.y)
        edemaSpeed[index] = (tissue.x * tissue.x + 0.05 * tissue.y) * along
      }
    }
    var core = FrontMarch(size: map.size, spacing: CoarseMap.spacing, speed: coreSpeed)
    startCore(&core, specification, centre: centre, radius: radius, map: map, stream: &stream)
    let coreCount = max(6, Int(specification.coreVolume / nodeVolume))
    let corePart = core.run(until: coreCount + coreCount / 2 + 40)
    let inside = corePart.prefix(coreCount)
    let coreLimit = inside.last.map { core.times[$0] } ?? 0

    var edema = FrontMarch(size: map.size, spacing: CoarseMap.spacing, speed: edemaSpeed)
    for index in inside { edema.start(at: index) }
    let edemaCount = inside.count + Int(specification.edemaVolume / nodeVolume)
    let edemaPart = edema.run(until: edemaCount + edemaCount / 2 + 200)
    let edemaLimit = edema.times[edemaPart[min(edemaCount, edemaPart.count) - 1]]

    let outside: Float = -5
    return (0..<map.count).map { index in
      SIMD4(
        max(outside, coreLimit - core.times[index]), max(outside, edemaLimit - edema.times[index]), 0, 0)
    }
  }

  private static func startCore(
    _ core: inout FrontMarch, _ specification: TumourSpecification, centre: SIMD3<Float>, radius: Float,
    map: CoarseMap, stream: inout RandomStream
  ) {
    core.start(at: map.node(centre))
    for _ in 1..<max(2, specification.seeds) {
      let offset = SIMD3(Float(stream.normal()), Float(stream.normal()), Float(stream.normal()))
      let node = map.node(centre + offset * (radius * 0.45))
      let tissue = map.tissue[node]
      if specification.seeds > 1 && tissue.x + tissue.y > 0.7 {
        core.start(at: node, time: radius * Float(stream.uniform(0...0.4)))
      }
    }
  }
}
