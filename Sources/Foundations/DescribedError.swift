/// An error that a user may see: it says what was found where, what was expected and what to do.
///
/// Each module has one enum of structured cases. Messages never hold a patient's data.
package protocol DescribedError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence or two, naming file, field, found, expected and the way out.
  var description: String { get }
}
