/// A named union of labels that is scored as one, as BraTS scores whole tumour, tumour core and enhancing
/// tumour.
package struct Region: Sendable, Equatable, Codable {
  package var name: String
  package var labels: [UInt16]

  package init(name: String, labels: [UInt16]) {
    self.name = name
    self.labels = labels
  }
}
