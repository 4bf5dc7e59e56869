package import NIOCore

/// `ftyp`: what a file claims to be (ISO/IEC 14496-12 §4.3).
package struct FileTypeBox: Hashable, Sendable {
  package var majorBrand: FourCC
  package var minorVersion: UInt32
  package var compatibleBrands: [FourCC]

  package static let type: FourCC = "ftyp"

  package init(majorBrand: FourCC, minorVersion: UInt32 = 0, compatibleBrands: [FourCC]) {
    self.majorBrand = majorBrand
    self.minorVersion = minorVersion
    self.compatibleBrands = compatibleBrands
  }

  package init(_ box: Box) throws(ISOBMFFError) {
    var fields = box.fields
    majorBrand = try fields.code()
    minorVersion = try fields.read()
    compatibleBrands = []
    while fields.remaining >= 4 { compatibleBrands.append(try fields.code()) }
  }

  package func write(into bytes: inout ByteBuffer) {
    bytes.writeBox(Self.type) {
      $0.writeCode(majorBrand)
      $0.writeInteger(minorVersion)
      for brand in compatibleBrands { $0.writeCode(brand) }
    }
  }
}
