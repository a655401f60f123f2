import Foundations

/// Signal of each tissue in the four contrasts (t1, t1ce, t2, flair) for one case on one scanner.
struct SignalTable: Sendable {
  let fluid: SIMD4<Float>
  let grey: SIMD4<Float>
  let white: SIMD4<Float>
  let deepGrey: SIMD4<Float>
  let hyperintensity: SIMD4<Float>
  let choroid: SIMD4<Float>
  let vessel: SIMD4<Float>
  let edema: SIMD4<Float>
  let core: SIMD4<Float>
  let rim: SIMD4<Float>

  /// Relaxation times differ by a few percent from case to case.
  init(scanner: Scanner, stream: inout RandomStream) {
    var table: [SIMD4<Float>] = []
    for tissue in Tissue.allCases {
      var relaxation = tissue.relaxation(tesla: scanner.fieldStrength)
      if tissue != .fluid {
        relaxation.t1 *= 1 + 0.03 * stream.uniform(-1...1)
        relaxation.t2 *= 1 + 0.03 * stream.uniform(-1...1)
      }
      table.append(scanner.protocols.signals(tissue, relaxation: relaxation))
    }
    fluid = table[Tissue.fluid.rawValue]
    grey = table[Tissue.grey.rawValue]
    white = table[Tissue.white.rawValue]
    deepGrey = table[Tissue.deepGrey.rawValue]
    hyperintensity = table[Tissue.hyperintensity.rawValue]
    choroid = table[Tissue.choroid.rawValue]
    vessel = table[Tissue.vessel.rawValue]
    edema = table[Tissue.edema.rawValue]
    core = table[Tissue.core.rawValue]
    rim = table[Tissue.rim.rawValue]
  }

  /// Signal of a small volume: the mean over what it is made of, tumour in place of what was there.
  @inline(__always)
  func signal(_ tissue: TissueFractions, _ tumour: TumourFractions) -> SIMD4<Float> {
    var healthy = fluid * tissue.fluid + grey * tissue.grey + white * tissue.white
    healthy += deepGrey * tissue.deepGrey + hyperintensity * tissue.hyperintensity
    healthy += choroid * tissue.choroid + vessel * tissue.vessel
    let rest = max(0, 1 - tumour.core - tumour.rim - tumour.edema)
    let mass = core * (tumour.core - tumour.cyst) + fluid * tumour.cyst
    return healthy * rest + mass + rim * tumour.rim + edema * tumour.edema
  }
}
