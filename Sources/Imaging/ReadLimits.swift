/// What a file may ask for before segfed allocates anything for it.
package struct ReadLimits: Sendable, Equatable {
  /// The most bytes that a file may hold after inflation.
  package var inflatedBytes: Int

  package init(inflatedBytes: Int) {
    self.inflatedBytes = inflatedBytes
  }

  /// 8 GiB inflated: a hundred times a BraTS scan in double precision.
  package static let standard = ReadLimits(inflatedBytes: 8 << 30)
}
