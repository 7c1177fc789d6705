// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The registry of graph versions
/// @notice Keeps one word for each graph, its head, and emits one event for each version.
/// A head word is the version number (40 bits) followed by the first 216 bits of the version's EIP-712 digest,
/// so the word alone commits to the Merkle root, the counts, the manifest and, through the parent, to all history.
/// A graph belongs to the account in its id until that account hands it on, and its owner may let others publish.
/// @dev Nobody administers this contract and it has no constructor, no immutables and no upgrade path:
/// the code at an address can be compared byte for byte with the code in this repository.
/// Format: docs/format.md, sections "Graph" and "Anchor".
contract Registry {
    /// @notice A version was published.
    /// @param graph keccak256(abi.encode(chain id, this contract, creator, label))
    /// @param head the new head word
    /// @param parent the head word before, zero for version 1
    /// @param root the Merkle root of the dataset
    /// @param size number of statements (64 bits) << 32 | number of blocks (32 bits)
    /// @param manifest SHA-256 of the manifest's bytes
    /// @param publisher the graph's owner or delegate who sent it, or who signed it where somebody else sent it
    event Version(
        bytes32 indexed graph,
        bytes32 indexed head,
        bytes32 parent,
        bytes32 root,
        uint256 size,
        bytes32 manifest,
        address publisher
    );

    /// @notice `publisher` knew, when this was mined, `count` versions of graphs: the entries of the tree `root`.
    /// It checks no parent and moves no head. Entries are graph ‖ head word; the tree is that of RFC 9162.
    event Batch(address indexed publisher, bytes32 indexed root, uint256 count);

    /// @notice The owner named who may take the graph over; address 0 names nobody.
    event OwnershipTransferStarted(bytes32 indexed graph, address indexed from, address indexed to);

    /// @notice `to` owns the graph; all delegates named before have lapsed.
    event OwnershipTransferred(bytes32 indexed graph, address indexed from, address indexed to);

    /// @notice `account` may publish to the graph up to the second `until` (since 1970); 0 takes it back.
    event Delegated(bytes32 indexed graph, address indexed account, uint256 until);

    /// @notice The parent given is not the graph's head.
    /// @param actual the head word that stands here now
    error Stale(bytes32 actual);

    /// @notice The size has bits outside of its 64 + 32.
    error BadSize(uint256 size);

    /// @notice The account is neither the graph's owner nor, for publishing, a delegate in time.
    error NotAllowed(bytes32 graph, address account);

    /// @notice The time up to which the signature could be used is over.
    error Expired(uint256 deadline);

    /// @notice The signature is not the account's, or not in its one form.
    error BadSignature(address account);

    /// @notice The next version of a graph: which graph (its creator and label), the head word it follows (zero for
    /// the first), the dataset's Merkle root, number of statements << 32 | number of blocks, the manifest's SHA-256.
    struct Publication {
        address creator;
        bytes32 label;
        bytes32 parent;
        bytes32 root;
        uint256 size;
        bytes32 manifest;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME = keccak256("triplock");
    bytes32 private constant FORMAT = keccak256("1");
    bytes32 private constant CONTEXT_TYPE = keccak256("Context(bytes32 parent,bytes32 manifest)");
    bytes32 private constant VERSION_TYPE = keccak256(
        "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)"
        "Context(bytes32 parent,bytes32 manifest)"
    );
    bytes32 private constant RELAY_TYPE = keccak256(
        "Relay(Version version,uint256 deadline)"
        "Context(bytes32 parent,bytes32 manifest)"
        "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)"
    );
    bytes4 private constant VALID_1271 = 0x1626ba7e;
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 private constant LONGEST_LINE = 1_048_575;
    uint256 private constant BEFORE_PATHS = 102;

    /// @notice The head word of a graph, zero while it has no version.
    /// @dev Storage slot 0: proofs of the head (eth_getProof) rest on it.
    mapping(bytes32 graph => bytes32 word) public head;

    /// @dev Owner (160 bits) and, above, how often the graph changed hands. Zero: its creator owns it.
    mapping(bytes32 graph => uint256) private _ownership;

    /// @notice Who may take the graph over.
    mapping(bytes32 graph => address) public pendingOwner;

    /// @dev By keccak256(graph, changes of hands, account), so that a transfer ends every delegation.
    mapping(bytes32 => uint256) private _until;

    /// @notice Publish the next version of the caller's own graph `label`; parameters as in `Publication`.
    /// @return word the new head word
    function publish(bytes32 label, bytes32 parent, bytes32 root, uint256 size, bytes32 manifest)
        external
        returns (bytes32 word)
    {
        word = _publish(graphOf(msg.sender, label), msg.sender, msg.sender, parent, root, size, manifest);
    }

    /// @notice Publish the next version of a graph that the caller owns or is a delegate of.
    /// @return word the new head word
    function publishTo(Publication calldata next) external returns (bytes32 word) {
        return _publish(next, msg.sender);
    }

    /// @notice Publish the next versions of many graphs: all of them or, if one is refused, none.
    function publishMany(Publication[] calldata all) external {
        for (uint256 i = 0; i < all.length; ++i) {
            _publish(all[i], msg.sender);
        }
    }

    /// @notice Publish for `publisher`, the graph's owner or delegate, who signed Relay(version, deadline).
    /// @param publisher an account with a key, or a contract that answers EIP-1271
    /// @param deadline the last second in which the signature can be used
    /// @param signature r ‖ s ‖ v in 65 bytes with a low s, or whatever the contract at `publisher` accepts
    /// @return word the new head word
    /// @dev Nothing can be used twice: the parent that is signed is the head only once.
    function publishSigned(Publication calldata next, address publisher, uint256 deadline, bytes calldata signature)
        external
        returns (bytes32 word)
    {
        if (block.timestamp > deadline) revert Expired(deadline);
        bytes32 version = _version(
            graphOf(next.creator, next.label),
            (uint256(next.parent) >> 216) + 1,
            next.root,
            next.size,
            keccak256(abi.encode(CONTEXT_TYPE, next.parent, next.manifest))
        );
        _requireSigned(publisher, _digest(keccak256(abi.encode(RELAY_TYPE, version, deadline))), signature);
        return _publish(next, publisher);
    }

    /// @notice Tell of many versions by one event; see `Batch`.
    function publishBatch(bytes32 root, uint256 count) external {
        emit Batch(msg.sender, root, count);
    }

    /// @notice Name who may take over a graph that the caller owns; address 0 takes the offer back.
    function transferOwnership(address creator, bytes32 label, address to) external {
        bytes32 graph = _requireOwner(creator, label);
        pendingOwner[graph] = to;
        emit OwnershipTransferStarted(graph, msg.sender, to);
    }

    /// @notice Take over a graph that was offered to the caller. Its delegates lapse.
    function acceptOwnership(address creator, bytes32 label) external {
        bytes32 graph = graphOf(creator, label);
        if (pendingOwner[graph] != msg.sender) revert NotAllowed(graph, msg.sender);
        (address former, uint256 epoch) = _owner(graph, creator);
        delete pendingOwner[graph];
        _ownership[graph] = (epoch + 1) << 160 | uint160(msg.sender);
        emit OwnershipTransferred(graph, former, msg.sender);
    }

    /// @notice Let `account` publish to a graph that the caller owns, up to the second `until`; 0 takes it back.
    function delegate(address creator, bytes32 label, address account, uint256 until) external {
        bytes32 graph = _requireOwner(creator, label);
        (, uint256 epoch) = _owner(graph, creator);
        _until[keccak256(abi.encode(graph, epoch, account))] = until;
        emit Delegated(graph, account, until);
    }

    /// @notice The graph that `creator` made under `label`.
    function graphOf(address creator, bytes32 label) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), creator, label));
    }

    /// @notice Who owns a graph, and how often it changed hands. Address 0: its creator, as on the first day.
    function ownerOf(bytes32 graph) external view returns (address owner, uint256 epoch) {
        return _owner(graph, address(0));
    }

    /// @notice The last second in which `account` may publish as a delegate of the graph's present owner; 0: never.
    function delegatedUntil(bytes32 graph, address account) public view returns (uint256) {
        return _until[keccak256(abi.encode(graph, _ownership[graph] >> 160, account))];
    }

    /// @notice Whether a statement stands in the graph's current version; `proof` as for `checkAt`.
    function check(bytes32 graph, bytes calldata proof) external view returns (bool) {
        bytes32 word = head[graph];
        return word != 0 && checkAt(graph, word, proof);
    }

    /// @notice Whether a statement stands in the version of the graph that has the head word `word`.
    /// That the word was ever published is for the caller to know.
    /// @param proof packed, numbers big-endian: context (32 bytes, the struct hash of Context), quads (8), blocks (4),
    /// block (4), index (4), start (8), count (4), length (4), digest (32), number of siblings in the line's path (1)
    /// and in the block's path (1), both paths (32 bytes a sibling), and the line up to the end
    /// @dev It commits to the bytes of one line at one position. That the line is well formed is for the caller to read.
    function checkAt(bytes32 graph, bytes32 word, bytes calldata proof) public view returns (bool) {
        if (proof.length <= BEFORE_PATHS) return false;
        uint256 blockPath = BEFORE_PATHS + 32 * uint256(uint8(proof[100]));
        uint256 line = blockPath + 32 * uint256(uint8(proof[101]));
        if (proof.length <= line || proof.length - line > LONGEST_LINE) return false;
        if (proof[line] != "<" && proof[line] != "_") return false;
        uint256 numbers = uint256(bytes32(proof[32:]));
        if (!_fits(numbers)) return false;
        bytes32 node = sha256(bytes.concat(hex"00", proof[line:]));
        bool good;
        (good, node) = _climb(node, uint32(numbers >> 96), uint32(numbers), proof[BEFORE_PATHS:blockPath]);
        if (!good) return false;
        node = sha256(abi.encodePacked(hex"0001", proof[52:68], node, proof[68:100]));
        (good, node) = _climb(node, uint32(numbers >> 128), uint32(numbers >> 160), proof[blockPath:line]);
        if (!good) return false;
        return _word(graph, uint256(word) >> 216, node, numbers >> 160, bytes32(proof)) == word;
    }

    function _publish(Publication calldata next, address publisher) private returns (bytes32) {
        return _publish(
            graphOf(next.creator, next.label),
            next.creator,
            publisher,
            next.parent,
            next.root,
            next.size,
            next.manifest
        );
    }

    /// @dev The one place in which a head moves.
    function _publish(
        bytes32 graph,
        address creator,
        address publisher,
        bytes32 parent,
        bytes32 root,
        uint256 size,
        bytes32 manifest
    ) private returns (bytes32 word) {
        (address owner,) = _owner(graph, creator);
        if (publisher != owner && block.timestamp > delegatedUntil(graph, publisher)) {
            revert NotAllowed(graph, publisher);
        }
        bytes32 actual = head[graph];
        if (actual != parent) revert Stale(actual);
        if (size >> 96 != 0) revert BadSize(size);
        bytes32 context = keccak256(abi.encode(CONTEXT_TYPE, parent, manifest));
        word = _word(graph, (uint256(parent) >> 216) + 1, root, size, context);
        head[graph] = word;
        emit Version(graph, word, parent, root, size, manifest, publisher);
    }

    function _requireOwner(address creator, bytes32 label) private view returns (bytes32 graph) {
        graph = graphOf(creator, label);
        (address owner,) = _owner(graph, creator);
        if (msg.sender != owner) revert NotAllowed(graph, msg.sender);
    }

    function _owner(bytes32 graph, address creator) private view returns (address owner, uint256 epoch) {
        uint256 kept = _ownership[graph];
        return (kept == 0 ? creator : address(uint160(kept)), kept >> 160);
    }

    /// @dev A key's signature in its one form, else what the contract at the account says (EIP-1271).
    /// The key comes first, since an account with a key may carry code too (EIP-7702).
    function _requireSigned(address account, bytes32 digest, bytes calldata signature) private view {
        if (signature.length == 65 && uint256(bytes32(signature[32:])) <= HALF_ORDER) {
            address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature), bytes32(signature[32:]));
            if (signer == account && signer != address(0)) return;
        }
        (bool done, bytes memory answer) =
            account.staticcall(abi.encodeWithSelector(VALID_1271, digest, signature));
        if (!done || answer.length != 32 || bytes32(answer) != bytes32(VALID_1271)) revert BadSignature(account);
    }

    /// @dev The head word: the version number over the first 216 bits of the EIP-712 digest.
    function _word(bytes32 graph, uint256 version, bytes32 root, uint256 size, bytes32 context)
        private
        view
        returns (bytes32)
    {
        bytes32 digest = _digest(_version(graph, version, root, size, context));
        return bytes32((version << 216) | (uint256(digest) >> 40));
    }

    function _version(bytes32 graph, uint256 version, bytes32 root, uint256 size, bytes32 context)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(VERSION_TYPE, graph, version, root, size >> 32, uint32(size), context));
    }

    /// @dev The EIP-712 digest of a struct hash, under this chain and contract.
    function _digest(bytes32 fields) private view returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE, NAME, FORMAT, block.chainid, address(this)));
        return keccak256(abi.encodePacked(hex"1901", domain, fields));
    }

    /// @dev Whether a block of `count` lines can begin at `start`: the second word of a packed proof.
    function _fits(uint256 numbers) private pure returns (bool) {
        uint256 start = uint64(numbers >> 32);
        uint256 end = start + uint32(numbers);
        uint256 blockIndex = uint32(numbers >> 128);
        uint256 quads = numbers >> 192;
        return end <= quads && (start == 0) == (blockIndex == 0)
            && (end == quads) == (blockIndex + 1 == uint32(numbers >> 160));
    }

    /// @dev RFC 9162, section 2.1.3.2: from a leaf hash up to the root, and whether the path fits index and size.
    function _climb(bytes32 node, uint256 index, uint256 size, bytes calldata path)
        private
        view
        returns (bool, bytes32)
    {
        if (index >= size) return (false, node);
        uint256 last = size - 1;
        assembly ("memory-safe") {
            let entry := mload(0x40)
            mstore8(entry, 1)
            let end := add(path.offset, path.length)
            for { let at := path.offset } lt(at, end) { at := add(at, 32) } {
                if iszero(last) {
                    last := 1 // too long a path: what is returned below is false
                    break
                }
                switch or(and(index, 1), eq(index, last))
                case 1 {
                    mstore(add(entry, 1), calldataload(at))
                    mstore(add(entry, 33), node)
                    for {} and(iszero(and(index, 1)), gt(index, 0)) {} {
                        index := shr(1, index)
                        last := shr(1, last)
                    }
                }
                default {
                    mstore(add(entry, 1), node)
                    mstore(add(entry, 33), calldataload(at))
                }
                if iszero(staticcall(gas(), 2, entry, 65, 0, 32)) { revert(0, 0) }
                node := mload(0)
                index := shr(1, index)
                last := shr(1, last)
            }
        }
        return (last == 0, node);
    }
}
