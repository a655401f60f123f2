import Coordinator
import Foundations

/// `bytes.csv`: what each tensor of a coded run took on the wire, by round, site and direction.
enum TensorBytes {
  /// A line for each tensor, and one without a name for the rest of a round's messages: envelopes, scores, digests.
  static func csv(_ rounds: [RoundRecord], tensors: [String]) -> String {
    var document = CSVDocument(columns: ["round", "site", "direction", "tensor", "bytes"])
    for round in rounds {
      for site in round.sites {
        for (direction, total, parts) in [
          ("down", site.bytesDown, site.tensorsDown), ("up", site.bytesUp, site.tensorsUp),
        ] {
          let start = ["\(round.round)", site.site, direction]
          for (tensor, bytes) in zip(tensors, parts ?? []) { document.add(start + [tensor, "\(bytes)"]) }
          document.add(start + ["", "\(total - (parts ?? []).reduce(0, +))"])
        }
      }
    }
    return document.rendered()
  }
}
