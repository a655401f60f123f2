import Foundations

/// How a tissue answers the scanner: proton density (1 = fluid) and relaxation times in ms.
package struct TissueRelaxation: Sendable, Equatable {
  package var protonDensity: Double
  package var t1: Double
  package var t2: Double

  package init(protonDensity: Double, t1: Double, t2: Double) {
    self.protonDensity = protonDensity
    self.t1 = t1
    self.t2 = t2
  }
}

/// Tissues that the simulator tells apart.
package enum Tissue: Int, CaseIterable, Sendable {
  case fluid, grey, white, deepGrey, hyperintensity, choroid, vessel, edema, core, rim

  /// Whether gadolinium gathers here, which shortens T1 to 0.35 of its value in T1ce.
  package var enhances: Bool { self == .rim || self == .choroid || self == .vessel }

  /// Values at 1.5 T: textbook relaxometry rounded (fluid, grey, white, edema, core, rim); the others are set between them.
  package var at15Tesla: TissueRelaxation {
    switch self {
    case .fluid: TissueRelaxation(protonDensity: 1.0, t1: 4200, t2: 2000)
    case .grey: TissueRelaxation(protonDensity: 0.82, t1: 1000, t2: 95)
    case .white: TissueRelaxation(protonDensity: 0.70, t1: 650, t2: 75)
    case .deepGrey: TissueRelaxation(protonDensity: 0.78, t1: 850, t2: 84)
    case .hyperintensity: TissueRelaxation(protonDensity: 0.85, t1: 1050, t2: 140)
    case .choroid: TissueRelaxation(protonDensity: 0.84, t1: 1300, t2: 150)
    case .vessel: TissueRelaxation(protonDensity: 0.80, t1: 1400, t2: 45)
    case .edema: TissueRelaxation(protonDensity: 0.88, t1: 1250, t2: 150)
    case .core: TissueRelaxation(protonDensity: 0.90, t1: 1600, t2: 190)
    case .rim: TissueRelaxation(protonDensity: 0.80, t1: 1100, t2: 110)
    }
  }

  /// Values at a field strength in tesla: at 3 T tissue T1 is 1.3 × and T2 0.92 × that at 1.5 T, fluid keeps its own.
  package func relaxation(tesla: Double) -> TissueRelaxation {
    var result = at15Tesla
    if self == .fluid { return result }
    let share = (tesla - 1.5) / 1.5
    result.t1 *= 1 + 0.30 * share
    result.t2 *= 1 - 0.08 * share
    return result
  }
}

/// The four contrasts of BraTS.
package enum Contrast: Int, CaseIterable, Sendable {
  case t1, t1ce, t2, flair

  /// The part of a file's name.
  package var name: String {
    switch self {
    case .t1: "t1"
    case .t1ce: "t1ce"
    case .t2: "t2"
    case .flair: "flair"
    }
  }
}

/// A pulse sequence, times in ms.
package struct PulseSequence: Sendable, Equatable, Codable {
  package var repetitionTime: Double
  package var echoTime: Double
  /// Set for inversion recovery.
  package var inversionTime: Double?

  enum CodingKeys: String, CodingKey {
    case repetitionTime = "repetition_time"
    case echoTime = "echo_time"
    case inversionTime = "inversion_time"
  }

  package init(repetitionTime: Double, echoTime: Double, inversionTime: Double? = nil) {
    self.repetitionTime = repetitionTime
    self.echoTime = echoTime
    self.inversionTime = inversionTime
  }

  /// FLAIR: the inversion time that nulls fluid, times `offNull` (0.97…1.03).
  package static func flair(
    repetitionTime: Double, echoTime: Double, offNull: Double = 1
  ) -> PulseSequence {
    PulseSequence(
      repetitionTime: repetitionTime, echoTime: echoTime,
      inversionTime: offNull
        * nullingTime(t1: Tissue.fluid.at15Tesla.t1, repetitionTime: repetitionTime))
  }

  /// The inversion time at which tissue of the given T1 gives no signal: T1 · ln(2 / (1 + e^(−TR/T1))).
  package static func nullingTime(t1: Double, repetitionTime: Double) -> Double {
    t1 * PortableMath.log(2 / (1 + PortableMath.exp(-repetitionTime / t1)))
  }

  /// Signal of the spin-echo or, with an inversion time, of the inversion-recovery equation (magnitude).
  ///
  /// PD · (1 − e^(−TR/T1)) · e^(−TE/T2), PD · |1 − 2e^(−TI/T1) + e^(−TR/T1)| · e^(−TE/T2).
  package func signal(_ tissue: TissueRelaxation) -> Double {
    let recovered: Double
    let late = PortableMath.exp(-repetitionTime / tissue.t1)
    if let inversionTime {
      recovered = abs(1 - 2 * PortableMath.exp(-inversionTime / tissue.t1) + late)
    } else {
      recovered = 1 - late
    }
    return tissue.protonDensity * recovered * PortableMath.exp(-echoTime / tissue.t2)
  }
}

/// The sequences of one scanner.
package struct Protocols: Sendable, Equatable, Codable {
  package var t1: PulseSequence
  package var t1ce: PulseSequence
  package var t2: PulseSequence
  package var flair: PulseSequence

  /// TR and TE are the common ones (T1 500/12, T1ce 520/12, T2 4500/95, FLAIR 9000/120 ms) times these factors.
  package init(
    t1: (tr: Double, te: Double) = (1, 1), t1ce: (tr: Double, te: Double) = (1, 1),
    t2: (tr: Double, te: Double) = (1, 1), flair: (tr: Double, te: Double) = (1, 1), offNull: Double = 1
  ) {
    self.t1 = PulseSequence(repetitionTime: 500 * t1.tr, echoTime: 12 * t1.te)
    self.t1ce = PulseSequence(repetitionTime: 520 * t1ce.tr, echoTime: 12 * t1ce.te)
    self.t2 = PulseSequence(repetitionTime: 4500 * t2.tr, echoTime: 95 * t2.te)
    self.flair = PulseSequence.flair(
      repetitionTime: 9000 * flair.tr, echoTime: 120 * flair.te, offNull: offNull)
  }

  package subscript(_ contrast: Contrast) -> PulseSequence {
    switch contrast {
    case .t1: t1
    case .t1ce: t1ce
    case .t2: t2
    case .flair: flair
    }
  }

  /// Signal of a tissue in all contrasts, in `Contrast`'s order; the agent is in the blood in T1ce only.
  package func signals(_ tissue: Tissue, relaxation: TissueRelaxation) -> SIMD4<Float> {
    var result = SIMD4<Float>.zero
    for contrast in Contrast.allCases {
      var relaxation = relaxation
      if contrast == .t1ce && tissue.enhances { relaxation.t1 *= 0.35 }
      result[contrast.rawValue] = Float(self[contrast].signal(relaxation))
    }
    return result
  }
}
