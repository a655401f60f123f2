import Foundations

/// What keeps a site from serving a request, apart from its data.
package enum SiteError: DescribedError {
  /// What the site goes on with from round to round is gone; nil: it was never written down.
  case stateLost(folder: String?, round: Int)
  /// The request asks for what cannot be.
  case request(String)

  package var description: String {
    switch self {
    case .stateLost(let folder, let round):
      "\(folder ?? "memory"): found no valid checkpoint of the end of round \(round), expected one, since the site goes on "
        + "with what it kept then (momentum, control variates or layers of its own). Begin the run again with --force."
    case .request(let reason): reason
    }
  }
}
