import Foundations

/// What keeps a site from serving a request, apart from its data.
package enum SiteError: DescribedError {
  /// Momentum is kept from round to round, and that of an earlier process is gone.
  case stateLost(folder: String, round: Int)

  package var description: String {
    switch self {
    case .stateLost(let folder, let round):
      "\(folder): found no valid checkpoint of the end of round \(round), expected one, since momentum is kept from "
        + "round to round (--optimizer-state keep). Begin the run again with --force."
    }
  }
}
