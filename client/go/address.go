package identity

import (
	"net"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/resolver"
)

// Where gRPC connects to, and the options that it needs for that.
type target struct {
	name    string
	options []grpc.DialOption
}

func targetOf(address string) (target, error) {
	if !strings.Contains(address, ",") {
		return target{name: address}, nil
	}
	var list addressList
	for _, one := range strings.Split(address, ",") {
		host, port, err := net.SplitHostPort(strings.TrimSpace(one))
		if err != nil {
			return target{}, err
		}
		// Each server shows a certificate for its own host.
		server := resolver.Address{Addr: net.JoinHostPort(host, port), ServerName: host}
		list = append(list, resolver.Endpoint{Addresses: []resolver.Address{server}})
	}
	return target{list.Scheme() + ":///", []grpc.DialOption{grpc.WithResolvers(list)}}, nil
}

// Resolves to a list that never changes. gRPC's own resolvers take only one name.
type addressList []resolver.Endpoint

func (addressList) Scheme() string { return "identity-list" }

func (l addressList) OverrideAuthority(resolver.Target) string { return l[0].Addresses[0].Addr }

func (l addressList) Build(
	_ resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions,
) (resolver.Resolver, error) {
	return l, conn.UpdateState(resolver.State{Endpoints: l})
}

func (addressList) ResolveNow(resolver.ResolveNowOptions) {}

func (addressList) Close() {}
