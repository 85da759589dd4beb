/// An option that a policy declares.
package struct PolicyOption: Sendable, Equatable, Codable {
    package var key: String
    package var value: String
    package var standard: String
    package var minimum: Double?
    package var maximum: Double?
    package var doc: String
    package init(
        key: String, value: String, standard: String, minimum: Double? = nil,
        maximum: Double? = nil,
        doc: String
    ) {
        self.key = key
        self.value = value
        self.standard = standard
        self.minimum = minimum
        self.maximum = maximum
        self.doc = doc
    }
}
