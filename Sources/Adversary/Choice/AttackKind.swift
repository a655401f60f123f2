import Foundations

/// What hostile sites do. For research on robust aggregation, simulated in one process.
package enum AttackKind: String, Sendable, CaseIterable {
  case signflip, scaling, gaussian, labelflip, shiftedlabels, alie, ipm, freerider, backdoor, absent

  /// Where its rule stands.
  package var paper: String {
    switch self {
    case .signflip: "arXiv 2012.10333"
    case .scaling: "arXiv 1911.07963, 1807.00459"
    case .gaussian: "arXiv 1703.02757"
    case .labelflip: "arXiv 1911.11815"
    case .shiftedlabels: "none: careless annotation"
    case .alie: "arXiv 1902.06156"
    case .ipm: "arXiv 1903.03936"
    case .freerider: "arXiv 1911.12560, 2006.11901"
    case .backdoor: "arXiv 1807.00459, 1712.05526"
    case .absent: "none: a yardstick for the others"
    }
  }

  package var summary: String {
    switch self {
    case .signflip: "the update turned round"
    case .scaling: "the update boosted, so that it outweighs the others"
    case .gaussian: "noise instead of the update"
    case .labelflip: "trains on labels in reverse order, background last"
    case .shiftedlabels: "trains on label maps that lie beside what they name"
    case .alie:
      "a little is enough: the mean of the hostile sites' honest updates, shifted as far as hides among the others"
    case .ipm: "inner product manipulation: against the mean of the hostile sites' honest updates"
    case .freerider: "does not train: noise as large as the global model's last step"
    case .backdoor: "trains to see no lesion in scans with a pattern of bright lines"
    case .absent: "takes no part in any round"
    }
  }

  /// Whether hostile sites agree on one update, for which they all train in every round.
  package var isColluding: Bool { self == .alie || self == .ipm }

  /// The first is how many sites are hostile.
  package var parameters: [NumberParameter] {
    let sites = NumberParameter(
      "sites", default: 1, range: 1...10_000, isWhole: true,
      meaning: "training sites that are hostile; which ones is drawn from the seed")
    return [sites] + ownParameters
  }

  private var ownParameters: [NumberParameter] {
    switch self {
    case .signflip:
      [NumberParameter("scale", default: 1, range: 1e-6...1e6, meaning: "c of the update -c D")]
    case .scaling: [NumberParameter("scale", default: 10, range: 1e-6...1e6, meaning: "c of the update c D")]
    case .gaussian:
      [
        NumberParameter(
          "sigma", default: 3, range: 1e-6...1e6,
          meaning: "the noise's deviation, in root mean squares of the honest update")
      ]
    case .labelflip, .absent: []
    case .shiftedlabels:
      [
        NumberParameter(
          "voxels", default: 8, range: 1...1000, isWhole: true, meaning: "displacement along each axis")
      ]
    case .alie:
      [
        NumberParameter(
          "z", default: 0, range: 0...100,
          meaning: "deviations that each weight is shifted by; 0: by the paper's formula")
      ]
    case .ipm:
      [NumberParameter("epsilon", default: 0.5, range: 1e-6...1e6, meaning: "e of the update -e mean")]
    case .freerider:
      [
        NumberParameter(
          "sigma", default: 1, range: 0...1e6,
          meaning: "the noise's deviation, in root mean squares of the global model's last step"),
        NumberParameter(
          "delta", default: 0, range: -1e6...1e6,
          meaning: "how much of that step itself is sent (delta weights)"),
      ]
    case .backdoor:
      [
        NumberParameter(
          "spacing", default: 2, range: 1...8, isWhole: true,
          meaning: "voxels from one bright line to the next along x and y"),
        NumberParameter(
          "share", default: 0.5, range: 1e-6...1, meaning: "share of training cases that bear the pattern"),
        NumberParameter("boost", default: 1, range: 1...1e6, meaning: "what the update is multiplied by"),
      ]
    }
  }
}
